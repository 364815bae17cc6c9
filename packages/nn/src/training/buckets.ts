import type { GraphBuilder } from "../graph/builder.ts";
import { sizeOf, type Shape, type Value } from "../graph/value.ts";
import type { Model, ModelWeight } from "../layers/model.ts";

/**
 * @file Where a model's weights live while it trains: small ones packed into one vector, so that an update is a dozen operators
 * rather than a dozen a weight; large ones each in a tensor of their own, which saves copying them in and out of the vector.
 */

/** A tensor of the training state that holds one weight or several. */
export interface Bucket {
  readonly name: string;
  /** The weight's own shape, or `[size]` of the packed ones. */
  readonly shape: Shape;
  readonly size: number;
  readonly weights: readonly ModelWeight[];
}

/** Copying this many numbers costs about as much as the dozen small operators that another bucket adds. */
const PACKED_SIZE = 65_536;

/**
 * The buckets of a model: the packed one first, if any.
 *
 * @param packedSize - Weights of more numbers than this have a bucket of their own.
 */
export function bucketsOf({ weights }: Model, packedSize = PACKED_SIZE): readonly Bucket[] {
  const small = weights.filter(({ size }) => size <= packedSize);
  const size = small.reduce((sum, weight) => sum + weight.size, 0);
  const packed = small.length < 2 ? [] : [{ name: "packed", shape: [size], size, weights: small }];
  const alone = weights.filter((weight) => packed.length === 0 || weight.size > packedSize);
  return [
    ...packed,
    ...alone.map((weight) => ({ name: weight.name, shape: weight.shape, size: weight.size, weights: [weight] })),
  ];
}

/** Adds what takes each weight out of the buckets' tensors, given in order. */
export function unpackWeights(
  { op }: GraphBuilder,
  buckets: readonly Bucket[],
  tensors: readonly Value[],
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  buckets.forEach(({ weights }, i) => {
    const tensor = tensors[i]!;
    if (weights.length === 1) values.set(weights[0]!.name, tensor);
    else {
      const parts = op.Split(
        tensor,
        weights.map(({ size }) => size),
      );
      weights.forEach(({ name, shape }, j) => values.set(name, shape.length === 1 ? parts[j]! : op.Reshape(parts[j]!, shape)));
    }
  });
  return values;
}

/** Adds what puts a bucket's gradients, one a weight, into one tensor of its shape. */
export function packGradients({ op }: GraphBuilder, { weights }: Bucket, gradients: readonly Value[]): Value {
  if (weights.length === 1) return gradients[0]!;
  return op.Concat(
    gradients.map((gradient) => (gradient.shape.length === 1 ? gradient : op.Reshape(gradient, [sizeOf(gradient.shape)]))),
    0,
  );
}
