import { createMatrix, type Matrix } from "@argmin/base";
import { isTermActive, type Layout, type Point } from "./layout.ts";

/*
 * The covariance of the objective at two points is a sum over the terms of the layout in which both are active:
 *
 *   k(x, y) = sum over t of s_t M(r_t(x, y)),   M(r) = (1 + sqrt(5) r + 5/3 r^2) exp(-sqrt(5) r),
 *   r_t^2 = sum over t's own parameters of (x_d - y_d)^2 / l_d^2  +  c^2 times the same sum over those that it inherits.
 *
 * M is Matérn's with smoothness 5/2 (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 4.2.1). Of values without
 * an order (x_d - y_d)^2 is 0 or 1. A term that is 0 wherever one of the points lacks it is positive semidefinite, and so is the
 * sum: points of different branches know of each other by what they have in common, and an inactive parameter counts nowhere.
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
  const coupling = terms.some(({ inherited }) => inherited.length > 0) ? noise + 1 : -1;
  return { lengths: 0, variances: axes.length, noise, coupling, count: noise + (coupling < 0 ? 1 : 2) };
}

const root5 = Math.sqrt(5);

/** Matérn's function of the squared distance, for unit variance. */
export function matern(squared: number): number {
  const a = root5 * Math.sqrt(squared);
  return (1 + a + (5 / 3) * squared) * Math.exp(-a);
}

/** Its derivative with respect to the squared distance. */
export function maternSlope(squared: number): number {
  const a = root5 * Math.sqrt(squared);
  return (-5 / 6) * (1 + a) * Math.exp(-a);
}

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

/** The squared distance of two points in which term `t` is active. */
function squaredDistance({ layout, weights, coupling }: Kernel, t: number, x: Point, y: Point): number {
  const { own, inherited } = layout.terms[t]!;
  let ofOwn = 0;
  for (let i = 0; i < own.length; i++) {
    const d = own[i]!;
    ofOwn += weights[d]! * squaredDifference(layout.isUnordered[d]!, x[d]!, y[d]!);
  }
  let ofInherited = 0;
  for (let i = 0; i < inherited.length; i++) {
    const d = inherited[i]!;
    ofInherited += weights[d]! * squaredDifference(layout.isUnordered[d]!, x[d]!, y[d]!);
  }
  return ofOwn + coupling * ofInherited;
}

/** The covariance of the objective at two points, without noise. */
export function covariance(kernel: Kernel, x: Point, y: Point): number {
  const { terms } = kernel.layout;
  let sum = 0;
  for (let t = 0; t < terms.length; t++) {
    if (!isTermActive(terms[t]!, x) || !isTermActive(terms[t]!, y)) continue;
    sum += kernel.variances[t]! * matern(squaredDistance(kernel, t, x, y));
  }
  return sum;
}

/** The variance of the objective at a point, before anything is known. */
export function priorVariance({ layout, variances }: Kernel, x: Point): number {
  let sum = 0;
  for (const [t, term] of layout.terms.entries()) if (isTermActive(term, x)) sum += variances[t]!;
  return sum;
}

/** The covariances of observations at some points: noise on the diagonal, and only the lower triangle. */
export function covarianceMatrix(kernel: Kernel, points: readonly Point[]): Matrix {
  const n = points.length;
  const result = createMatrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) result.data[i * n + j] = covariance(kernel, points[i]!, points[j]!);
    result.data[i * n + i] = priorVariance(kernel, points[i]!) + kernel.noise;
  }
  return result;
}

/**
 * The covariances of a point and each of some others, and, if `slopes` is given, their derivatives with respect to the point's
 * coordinates: slopes[i * axes + d] for other point i. Of values without an order, which have none, it is 0.
 */
export function covariancesWith(
  kernel: Kernel,
  x: Point,
  points: readonly Point[],
  into: Float64Array,
  slopes?: Float64Array,
): void {
  const { layout, variances, weights, coupling } = kernel;
  const { terms, isUnordered, axes } = layout;
  into.fill(0);
  slopes?.fill(0);
  for (let t = 0; t < terms.length; t++) {
    const term = terms[t]!;
    if (!isTermActive(term, x)) continue;
    for (let i = 0; i < points.length; i++) {
      const y = points[i]!;
      if (!isTermActive(term, y)) continue;
      const squared = squaredDistance(kernel, t, x, y);
      const a = root5 * Math.sqrt(squared);
      const factor = variances[t]! * Math.exp(-a);
      into[i]! += factor * (1 + a + (5 / 3) * squared);
      if (slopes === undefined) continue;
      const slope = (-5 / 3) * factor * (1 + a);
      const { own, inherited } = term;
      const row = i * axes.length;
      for (let k = 0; k < own.length; k++) {
        const d = own[k]!;
        if (isUnordered[d] === 0) slopes[row + d]! += slope * weights[d]! * (x[d]! - y[d]!);
      }
      for (let k = 0; k < inherited.length; k++) {
        const d = inherited[k]!;
        if (isUnordered[d] === 0) slopes[row + d]! += slope * coupling * weights[d]! * (x[d]! - y[d]!);
      }
    }
  }
}
