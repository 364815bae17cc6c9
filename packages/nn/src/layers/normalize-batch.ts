import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";

/** What batch normalization learns, one number a channel each, and what it adds to the variance. */
export interface NormalizationWeights {
  /** Default: ones. */
  readonly gamma: Value | undefined;
  /** Default: zeros. */
  readonly beta: Value | undefined;
  readonly epsilon: number;
}

/** Numbers of each channel, `[channel]`. */
export interface ChannelStatistics {
  readonly mean: Value;
  /** Mean square distance from the mean: divided by the count, not by one less. */
  readonly variance: Value;
}

/**
 * `gamma (x - mean) / √(variance + ε) + beta` with the statistics of the batch itself, over all axes but the second
 * (Ioffe and Szegedy, 2015).
 */
export function normalizeBatch(
  { op }: GraphBuilder,
  x: Value,
  { gamma, beta, epsilon }: NormalizationWeights,
): ChannelStatistics & { readonly output: Value } {
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const channels = x.shape[1]!;
  const along = x.shape.map((size, axis) => (axis === 1 ? size : 1)).slice(1);
  const mean = op.ReduceMean(x, { axes, keepdims: true });
  const centred = op.Sub(x, mean);
  const variance = op.ReduceMean(op.Mul(centred, centred), { axes, keepdims: true });
  const deviation = op.Sqrt(op.Add(variance, epsilon));
  const scale = gamma === undefined ? op.Reciprocal(deviation) : op.Div(op.Reshape(gamma, along), deviation);
  const scaled = op.Mul(centred, scale);
  return {
    output: beta === undefined ? scaled : op.Add(scaled, op.Reshape(beta, along)),
    mean: op.Reshape(mean, [channels]),
    variance: op.Reshape(variance, [channels]),
  };
}

/** The same with statistics kept from training: one multiplication and one addition an element. */
export function normalizeWith(
  { op }: GraphBuilder,
  x: Value,
  { mean, variance }: ChannelStatistics,
  { gamma, beta, epsilon }: NormalizationWeights,
): Value {
  const along = x.shape.map((size, axis) => (axis === 1 ? size : 1)).slice(1);
  const deviation = op.Sqrt(op.Add(variance, epsilon));
  const scale = gamma === undefined ? op.Reciprocal(deviation) : op.Div(gamma, deviation);
  const shift = op.Mul(mean, scale);
  const offset = beta === undefined ? op.Neg(shift) : op.Sub(beta, shift);
  return op.Add(op.Mul(x, op.Reshape(scale, along)), op.Reshape(offset, along));
}
