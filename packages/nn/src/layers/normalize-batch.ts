import type { GraphBuilder } from "../graph/builder.ts";
import { sizeOf, type Value } from "../graph/value.ts";

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
 *
 * The variance is the mean square less the square of the mean, and the output one number a channel times x and one more: so the
 * ordinary gradient rules give `dx = a dy + b x + c` with three numbers a channel, and two sums, of dy and of dy x. Written with
 * x - mean, there and back are each twice as many passes over the images. What the difference of squares loses matters where the
 * mean is hundreds of times the deviation; it may even be below zero there.
 */
export function normalizeBatch(
  builder: GraphBuilder,
  x: Value,
  weights: NormalizationWeights,
): ChannelStatistics & { readonly output: Value } {
  const { op } = builder;
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const channels = x.shape[1]!;
  const count = sizeOf(x.shape) / channels;
  const mean = op.ReduceMean(x, { axes, keepdims: true });
  const meanSquare = op.Mul(op.ReduceSumSquare(x, { axes, keepdims: true }), 1 / count);
  const variance = op.Relu(op.Sub(meanSquare, op.Mul(mean, mean)));
  const statistics = { mean: op.Reshape(mean, [channels]), variance: op.Reshape(variance, [channels]) };
  return { ...statistics, output: normalizeWith(builder, x, statistics, weights) };
}

/** The same with given statistics, as training kept them: one multiplication and one addition an element. */
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
