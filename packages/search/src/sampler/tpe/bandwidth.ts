import type { Axis } from "./axis.ts";

/** What bandwidths are made from. */
export type Spread = {
  readonly axes: readonly Axis[];
  readonly columns: readonly Float64Array[];
  readonly weights: Float64Array;
  /** How many trials the kernels stand for. */
  readonly count: number;
};

/** How wide kernels are. */
export type Widths = {
  /** One standard deviation a parameter, in parts of the prior's range; NaN where values have no order. */
  readonly sigmas: Float64Array;
  /** The part of each parameter's kernels that is the prior. */
  readonly priorShares: Float64Array;
};

export type WidthRules = {
  /** Of a parameter's spread. */
  readonly scale: number;
  readonly smallestBandwidth: number;
  readonly redraws: number;
};

/**
 * One standard deviation for each parameter: `scale` times its own among the kernels, which counts as 1 for a flat
 * distribution over the whole range, shrinking with the number of trials as D. W. Scott's rule for several dimensions has it
 * ("Multivariate Density Estimation", 1992).
 *
 * @remarks The prior's part makes tails that reach the whole range, in each parameter by itself: else a trial that is good for one
 *   of its parameters would be copied in all of them, and the search would stay where that trial happened to be in the others.
 */
export function widthsOf({ axes, columns, weights, count }: Spread, { scale, smallestBandwidth, redraws }: WidthRules): Widths {
  const shrinkage = Math.max(1, count) ** (-1 / (axes.length + 4));
  const sigmas = new Float64Array(axes.length).fill(Number.NaN);
  const priorShares = new Float64Array(axes.length).fill(Math.min(1, redraws / axes.length) / (1 + count));
  for (let d = 0; d < axes.length; d++) {
    const axis = axes[d]!;
    if (axis.kind === "discrete" && axis.edges === null) {
      priorShares[d] = axis.count / (axis.count + count);
    } else {
      const step = axis.kind === "discrete" ? 1 / axis.count : axis.step;
      sigmas[d] = Math.max(scale * shrinkage * relativeDeviation(axis, columns[d]!, weights), smallestBandwidth, step / 2);
    }
  }
  return { sigmas, priorShares };
}

/** The variance of a flat distribution from 0 to 1. */
const flatVariance = 1 / 12;

/** The weighted standard deviation over that of the prior, which joins in as one more trial; at most 1. */
function relativeDeviation(axis: Axis, column: Float64Array, weights: Float64Array): number {
  const middle = axis.kind === "numeric" && axis.low === Number.NEGATIVE_INFINITY ? 0 : 0.5;
  let [total, mean, squares] = [1, middle, flatVariance];
  for (let i = 0; i < column.length; i++) {
    const weight = weights[i]!;
    const x = axis.kind === "discrete" ? axis.centres[column[i]!]! : column[i]!;
    const difference = x - mean;
    total += weight;
    mean += (difference * weight) / total;
    squares += weight * difference * (x - mean);
  }
  return Math.min(1, Math.sqrt(squares / total / flatVariance));
}
