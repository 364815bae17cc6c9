import { logSumExp, normalCdf, type Rng } from "@argmin/base";

/*
 * The estimators of J. Bergstra, R. Bardenet, Y. Bengio and B. Kégl, "Algorithms for Hyper-Parameter Optimization", 2011, with
 * the rules that hyperopt has added to them.
 */

/** A weighted sum of normal distributions; the centres ascend, the weights sum to 1. */
export type NormalMixture = {
  readonly weights: Float64Array;
  readonly mus: Float64Array;
  readonly sigmas: Float64Array;
};

/** Where a mixture is used: cut to [low, high], in cells of width `step`. On a logarithmic scale the bounds are logarithms. */
export type Extent = {
  readonly log: boolean;
  readonly bounds: readonly [low: number, high: number] | null;
  readonly step: number | null;
};

/** Beyond so many observations only the newest have full weight. */
export const linearForgetting = 25;

/** Weights by age, oldest first: 1 for the newest `full`, for those before them a ramp that begins with 1 / count. */
export function forgettingWeights(count: number, full: number): Float64Array {
  const weights = new Float64Array(count).fill(1);
  const ramp = count - full;
  for (let i = 0; i < ramp; i++) weights[i] = ramp === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * i) / (ramp - 1);
  return weights;
}

/**
 * The adaptive Parzen estimator: a normal around each observation, as wide as the larger gap to its neighbours, and the prior
 * among them as one more. Widths stay between prior.sigma / min(100, 2 + observations) and prior.sigma.
 *
 * @param observations - Oldest first.
 * @param full - How many of the newest observations have full weight; 0 for all.
 */
export function adaptiveParzen(
  observations: Float64Array,
  prior: { readonly weight: number; readonly mu: number; readonly sigma: number },
  full: number,
): NormalMixture {
  const count = observations.length;
  const order = Uint32Array.from(observations.keys()).sort((a, b) => observations[a]! - observations[b]! || a - b);
  let place = 0;
  // A single observation goes before a prior with the same centre, several go after it.
  const precedes = (x: number): boolean => (count === 1 ? x <= prior.mu : x < prior.mu);
  while (place < count && precedes(observations[order[place]!]!)) place++;
  const byAge = full > 0 && full < count ? forgettingWeights(count, full) : undefined;
  const size = count + 1;
  const [weights, mus, sigmas] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  let total = 0;
  for (let i = 0; i < size; i++) {
    const observation = i < place ? order[i] : order[i - 1];
    const isPrior = i === place || observation === undefined;
    mus[i] = isPrior ? prior.mu : observations[observation]!;
    weights[i] = isPrior ? prior.weight : (byAge?.[observation] ?? 1);
    total += weights[i]!;
  }
  const narrowest = prior.sigma / Math.min(100, 1 + size);
  for (let i = 0; i < size; i++) {
    weights[i]! /= total;
    const below = i > 0 ? mus[i]! - mus[i - 1]! : 0;
    const above = i < count ? mus[i + 1]! - mus[i]! : 0;
    const gap = count === 1 ? prior.sigma / 2 : Math.max(below, above);
    sigmas[i] = i === place ? prior.sigma : Math.min(Math.max(gap, narrowest), prior.sigma);
  }
  return { weights, mus, sigmas };
}

/**
 * The logarithm of a mixture's density at x, or, in cells, of the probability of the cell around x: minus infinity for a cell
 * outside the bounds. As in hyperopt, a density on a logarithmic scale is not divided by the mass within the bounds.
 *
 * @param logMass - Of the mixture within the bounds, for who asks more than once.
 */
export function mixtureLogDensity(
  mixture: NormalMixture,
  extent: Extent,
  x: number,
  logMass: number = logMassWithin(mixture, extent.bounds),
): number {
  const { log, step } = extent;
  if (step !== null) return Math.log(Math.max(0, massAround(mixture, extent, x, step))) - logMass;
  const place = log ? Math.log(x) : x;
  return logDensityAt(mixture, place) - (log ? place : logMass);
}

/** Squared distances of which the density is 1e-65 of that in the centre. */
const farSquare = 300;

function logDensityAt({ weights, mus, sigmas }: NormalMixture, place: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    const distance = (place - mus[i]!) / sigmas[i]!;
    const square = distance * distance;
    if (square < farSquare) sum += (weights[i]! / sigmas[i]!) * Math.exp(-0.5 * square);
  }
  if (sum > 1e-40) return Math.log(sum) - halfLogTwoPi;
  // Far from all of them, sums are taken of logarithms.
  const terms = weights.map((weight, i) => Math.log(weight / sigmas[i]!) - 0.5 * ((place - mus[i]!) / sigmas[i]!) ** 2);
  return logSumExp(terms) - halfLogTwoPi;
}

const halfLogTwoPi = 0.9189385332046728;
/** What stands for 0 where a logarithm is taken. */
const smallest = 1e-12;

function massAround(mixture: NormalMixture, { log, bounds }: Extent, x: number, step: number): number {
  let [from, to] = [x - step / 2, x + step / 2];
  if (bounds !== null) {
    const [low, high] = bounds;
    [from, to] = [Math.max(from, log ? Math.exp(low) : low), Math.min(to, log ? Math.exp(high) : high)];
  }
  if (!log) return massBetween(mixture, from, to);
  return massBetween(mixture, Math.log(Math.max(from, smallest)), Math.log(Math.max(to, smallest)));
}

/** Beyond so many standard deviations on one side less than 1e-18 of the mass is left. */
const farDistance = 9;

function massBetween({ weights, mus, sigmas }: NormalMixture, from: number, to: number): number {
  let mass = 0;
  for (let i = 0; i < weights.length; i++) {
    const [low, high] = [(from - mus[i]!) / sigmas[i]!, (to - mus[i]!) / sigmas[i]!];
    if (low < farDistance && high > -farDistance) mass += weights[i]! * (normalCdf(high) - normalCdf(low));
  }
  return mass;
}

/** The logarithm of a mixture's mass within the bounds. */
export function logMassWithin(mixture: NormalMixture, bounds: Extent["bounds"]): number {
  return bounds === null ? 0 : Math.log(massBetween(mixture, bounds[0], bounds[1]));
}

/** After so many draws out of bounds in a row the next is moved to the bound. */
const rejectionLimit = 1000;

/** A draw from a mixture cut to the bounds, not yet in a cell. */
export function drawFromMixture({ weights, mus, sigmas }: NormalMixture, { log, bounds }: Extent, rng: Rng): number {
  const [low, high] = bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let x = Number.NaN;
  for (let i = 0; i < rejectionLimit; i++) {
    let rest = rng.float();
    let component = 0;
    while (component < weights.length - 1 && rest >= weights[component]!) rest -= weights[component++]!;
    x = rng.normal(mus[component], sigmas[component]);
    if (x >= low && x <= high) break;
  }
  x = Math.min(Math.max(x, low), high);
  return log ? Math.exp(x) : x;
}

/**
 * The probabilities of options by how often they were observed, newer observations with more weight, and by the prior.
 *
 * @param pseudoCounts - What each option's prior counts, in observations.
 */
export function categoryProbabilities(observations: Float64Array, pseudoCounts: Float64Array, full: number): Float64Array {
  const weights = forgettingWeights(observations.length, full > 0 ? full : observations.length);
  const counts = Float64Array.from(pseudoCounts);
  for (let i = 0; i < observations.length; i++) counts[observations[i]!]! += weights[i]!;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/** How many of the trials are the good ones. */
export function goodCount(trials: number, gamma: number, cap: number): number {
  return Math.min(Math.ceil(gamma * Math.sqrt(trials)), cap);
}

/** Which trials are the good ones: the `count` with the lowest losses, the earlier of equals; NaN is worst. */
export function goodTrials(losses: Float64Array, count: number): ReadonlySet<number> {
  const order = Array.from(losses.keys()).sort((a, b) => {
    const [left, right] = [losses[a]!, losses[b]!];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || a - b;
    return left === right ? a - b : left - right;
  });
  return new Set(order.slice(0, count));
}
