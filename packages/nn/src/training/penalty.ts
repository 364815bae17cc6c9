import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import type { AnyModel } from "../layers/model.ts";
import type { Regularizer } from "../layers/regularizer.ts";
import type { Bucket } from "./buckets.ts";

/** @file What regularizers add to the loss, and to the gradients. */

/** The penalty of a bucket's weights and its gradient, of the bucket's shape. */
export interface BucketPenalty {
  readonly value: Value;
  readonly gradient: Value;
}

/**
 * Adds the penalty of a bucket; undefined where nothing in it is regularized.
 *
 * @param tensor - The weights, of the bucket's shape.
 */
export function emitPenalty(builder: GraphBuilder, bucket: Bucket, tensor: Value): BucketPenalty | undefined {
  const { op } = builder;
  // d/dw l2 w² = 2 l2 w, half of which times w is the penalty; l1's gradient is l1 sign w, which times w is the penalty.
  const squares = strengthOf(builder, bucket, ({ l2 }) => 2 * l2);
  const sizes = strengthOf(builder, bucket, ({ l1 }) => l1);
  const pull = squares && op.Mul(tensor, squares);
  const sign = sizes && op.Mul(op.Sign(tensor), sizes);
  const gradients = [pull, sign].filter((term) => term !== undefined);
  if (gradients.length === 0) return undefined;
  const values = [pull && op.Mul(op.ReduceSum(op.Mul(pull, tensor)), 0.5), sign && op.ReduceSum(op.Mul(sign, tensor))];
  const add = (a: Value, b: Value): Value => op.Add(a, b);
  return { value: values.filter((term) => term !== undefined).reduce(add), gradient: gradients.reduce(add) };
}

/** A strength for all of a bucket's weights, or one an element where they differ; undefined where it is 0 for all. */
function strengthOf(
  builder: GraphBuilder,
  { weights, size }: Bucket,
  pick: (regularizer: Regularizer) => number,
): Value | undefined {
  const strengths = weights.map(({ regularizer }) => (regularizer === undefined ? 0 : pick(regularizer)));
  const [first] = strengths;
  if (first === undefined || strengths.every((strength) => strength === 0)) return undefined;
  if (strengths.every((strength) => strength === first)) return builder.constant(first);
  const values = new Float32Array(size);
  let start = 0;
  weights.forEach((weight, i) => {
    values.fill(strengths[i]!, start, start + weight.size);
    start += weight.size;
  });
  return builder.constant(values, { shape: [size] });
}

/** The penalty of a model's weights as they are. */
export function penaltyOf({ weights }: AnyModel, view: (weight: string) => Float32Array): number {
  let sum = 0;
  for (const { name, regularizer } of weights) {
    if (regularizer === undefined) continue;
    const { l1, l2 } = regularizer;
    for (const weight of view(name)) sum += l1 * Math.abs(weight) + l2 * weight * weight;
  }
  return sum;
}
