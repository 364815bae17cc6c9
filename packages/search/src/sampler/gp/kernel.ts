import { isTermActive, type Layout, type Point } from "./layout.ts";

/*
 * The covariance of the objective at two points is a sum over the terms of the layout in which both are active:
 *
 *   k(x, y) = sum over t of s_t M(r_t(x, y)),   M(r) = (1 + sqrt(5) r + 5/3 r^2) exp(-sqrt(5) r),
 *   r_t^2 = sum over t's own parameters of (x_d - y_d)^2 / l_d^2  +  c^2 times the same sum over those that it inherits.
 *
 * M is Matérn's with smoothness 5/2 (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 4.2.1); its derivative with
 * respect to r^2 is -5/6 (1 + sqrt(5) r) exp(-sqrt(5) r). Of values without an order (x_d - y_d)^2 is 0 or 1. A term that is 0
 * wherever one of the points lacks it is positive semidefinite, and so is the sum: points of different branches know of each other
 * by what they have in common, and an inactive parameter counts nowhere.
 */

/** Where the logarithms of the kernel's parameters stand: length scales, variances of the terms, the noise's variance, c. */
export type HyperPlaces = {
  readonly lengths: number;
  readonly variances: number;
  readonly noise: number;
  /** -1 if no term inherits anything. */
  readonly coupling: number;
  readonly count: number;
};

export function placesOf({ axes, terms }: Layout): HyperPlaces {
  const noise = axes.length + terms.length;
  const coupling = terms.some(({ ancestors }) => ancestors.length > 0) ? noise + 1 : -1;
  return { lengths: 0, variances: axes.length, noise, coupling, count: noise + (coupling < 0 ? 1 : 2) };
}

export const root5 = Math.sqrt(5);

/** The kernel's parameters themselves, as they are needed to evaluate it. */
export type Kernel = {
  readonly layout: Layout;
  /** 1 / l_d^2; 0 of parameters that cannot vary. */
  readonly weights: Float64Array;
  readonly variances: Float64Array;
  readonly noise: number;
  /** c^2 */
  readonly coupling: number;
};

export function kernelOf(layout: Layout, hyper: Float64Array): Kernel {
  const places = placesOf(layout);
  const { axes, terms, isVariable } = layout;
  return {
    layout,
    weights: Float64Array.from(axes, (_, d) => isVariable[d]! * Math.exp(-2 * hyper[places.lengths + d]!)),
    variances: Float64Array.from(terms, (_, t) => Math.exp(hyper[places.variances + t]!)),
    noise: Math.exp(hyper[places.noise]!),
    coupling: places.coupling < 0 ? 0 : Math.exp(2 * hyper[places.coupling]!),
  };
}

/** (x_d - y_d)^2, or whether values without an order differ. */
export function squaredDifference(isUnordered: number, a: number, b: number): number {
  if (isUnordered === 1) return a === b ? 0 : 1;
  return (a - b) * (a - b);
}

/** The variance of the objective at a point, before anything is known. */
export function priorVariance({ layout, variances }: Kernel, x: Point): number {
  let sum = 0;
  for (let t = 0; t < variances.length; t++) if (isTermActive(layout.terms[t]!, x)) sum += variances[t]!;
  return sum;
}
