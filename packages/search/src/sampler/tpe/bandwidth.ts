import type { Axis } from "./axis.ts";

/** What bandwidths are made from. */
export type Spread = {
  readonly axes: readonly Axis[];
  readonly columns: readonly Float64Array[];
  readonly weights: Float64Array;
  /** How many trials the kernels stand for. */
  readonly count: number;
};

/**
 * One bandwidth for each parameter: `scale` times its standard deviation among the kernels, which counts as 1 for a flat
 * distribution over the whole range, shrinking with the number of trials as D. W. Scott's rule for several dimensions has it
 * ("Multivariate Density Estimation", 1992). Of values without an order, the share of the prior in a kernel.
 */
export function bandwidthsOf({ axes, columns, weights, count }: Spread, scale: number, smallest: number): Float64Array {
  const shrinkage = Math.max(1, count) ** (-1 / (axes.length + 4));
  const bandwidths = new Float64Array(axes.length);
  for (let d = 0; d < axes.length; d++) {
    const axis = axes[d]!;
    if (axis.kind === "discrete" && axis.edges === null) {
      bandwidths[d] = axis.count / (axis.count + count);
    } else {
      const step = axis.kind === "discrete" ? 1 / axis.count : axis.step;
      bandwidths[d] = Math.max(scale * shrinkage * relativeDeviation(axis, columns[d]!, weights), smallest, step / 2);
    }
  }
  return bandwidths;
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
