import { placesOf } from "./kernel.ts";
import type { Layout } from "./layout.ts";
import type { GpTuning } from "./tuning.ts";

/** Where the search for hyper-parameters may go, and where it begins. All are logarithms, in the places of `placesOf`. */
export type HyperBox = {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The middle of the priors. */
  readonly start: Float64Array;
};

/** In parts of the range of a parameter. */
const shortestLength = 0.02;
/** Of targets with variance 1. */
const varianceBounds = [0.02, 50] as const;
const couplingBounds = [0.02, 2] as const;
const middleCoupling = 0.5;
const startNoise = 1e-3;

/** How many parameters a parameter's length scale shares a distance with, itself among them. */
function companyOf({ axes, terms, isVariable }: Layout): Float64Array {
  const company = new Float64Array(axes.length).fill(1);
  const varied = terms.map(({ own }) => own.reduce((sum, d) => sum + isVariable[d]!, 0));
  for (const [t, { own, ancestors }] of terms.entries()) {
    const count = ancestors.reduce((sum, other) => sum + varied[other]!, varied[t]!);
    for (const d of own) company[d] = Math.max(1, count);
  }
  return company;
}

export function hyperBoxOf(layout: Layout, tuning: GpTuning): HyperBox {
  const places = placesOf(layout);
  const lower = new Float64Array(places.count);
  const upper = new Float64Array(places.count);
  const start = new Float64Array(places.count);
  const set = (at: number, [low, high]: readonly [number, number], middle: number): void => {
    lower[at] = Math.log(low);
    upper[at] = Math.log(high);
    start[at] = Math.log(middle);
  };
  const company = companyOf(layout);
  for (let d = 0; d < layout.axes.length; d++) {
    const isVariable = layout.isVariable[d] === 1;
    set(
      places.lengths + d,
      isVariable ? [shortestLength, tuning.longest] : [1, 1],
      isVariable ? tuning.length * Math.sqrt(company[d]!) : 1,
    );
  }
  for (let t = 0; t < layout.terms.length; t++) set(places.variances + t, varianceBounds, 1 / Math.min(2, layout.terms.length));
  set(places.noise, [tuning.smallestNoise, 1], Math.max(startNoise, tuning.smallestNoise));
  if (places.coupling >= 0) set(places.coupling, couplingBounds, middleCoupling);
  return { lower, upper, start };
}

/**
 * The logarithm of the priors' density, but for a constant; adds its gradient to `gradient`.
 *
 * @remarks Length scales are log-normal around `tuning.length` times the root of the number of parameters, since the distance of
 *   two random points grows with it (C. Hvarfner, E. O. Hellsten and L. Nardi, "Vanilla Bayesian optimization performs great in
 *   high dimensions", 2024): without it, a model of many parameters and few trials believes that no trial says anything of another.
 *   The variances have a gamma density of shape 2, since the targets have variance 1; the noise's is Gamma(1.1, 10): nearly flat up to a few
 *   hundredths, as most objectives have little, and falling beyond. The coupling is log-normal around one half.
 */
export function logPriorOf(layout: Layout, tuning: GpTuning): (hyper: Float64Array, gradient: Float64Array) => number {
  const places = placesOf(layout);
  const { start } = hyperBoxOf(layout, tuning);
  const rate = Math.min(2, layout.terms.length);
  return (hyper, gradient) => {
    let sum = 0;
    const normal = (at: number, deviation: number): void => {
      const score = (hyper[at]! - start[at]!) / deviation;
      sum -= 0.5 * score * score;
      gradient[at]! -= score / deviation;
    };
    const gamma = (at: number, shape: number, perUnit: number): void => {
      const value = Math.exp(hyper[at]!);
      sum += (shape - 1) * hyper[at]! - perUnit * value;
      gradient[at]! += shape - 1 - perUnit * value;
    };
    for (let d = 0; d < layout.axes.length; d++) if (layout.isVariable[d] === 1) normal(places.lengths + d, tuning.lengthSpread);
    for (let t = 0; t < layout.terms.length; t++) gamma(places.variances + t, 2, rate);
    gamma(places.noise, tuning.noiseShape, tuning.noiseRate);
    if (places.coupling >= 0) normal(places.coupling, 1);
    return sum;
  };
}
