import type { GraphBuilder } from "../graph/builder.ts";
import { sizeOf, type Shape, type Value } from "../graph/value.ts";
import type { Decayed } from "../optimizers/optimizer.ts";
import { isTrained, type AnyModel, type ModelWeight } from "../layers/model.ts";

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
  /** Whether an optimizer changes them; statistics have a bucket of their own. */
  readonly isTrained: boolean;
}

/** Copying this many numbers costs about as much as the dozen small operators that another bucket adds. */
const PACKED_SIZE = 65_536;

/**
 * Where an example has more numbers than this between its layers, nothing is packed. ONNX Runtime works out the gradients of a
 * packed bucket together and last, and keeps all that they need until then: half as much again for the networks of
 * `vooban-cifar100`, whose steps take so long that nobody sees the operators saved.
 */
const MOST_ACTIVATIONS = 65_536;

/**
 * The buckets of a model: the packed one first, if any, and that of the statistics last.
 *
 * @param packedSize - Weights of more numbers than this have a bucket of their own.
 */
export function bucketsOf(model: AnyModel, packedSize = packedSizeOf(model)): readonly Bucket[] {
  const { weights } = model;
  const trained = weights.filter(isTrained);
  const small = trained.filter(({ size }) => size <= packedSize);
  const packed = small.length < 2 ? [] : [packedBucket("packed", small, true)];
  const alone = trained.filter((weight) => packed.length === 0 || weight.size > packedSize);
  const statistics = weights.filter((weight) => !isTrained(weight));
  return [
    ...packed,
    ...alone.map((weight) => ({
      name: weight.name,
      shape: weight.shape,
      size: weight.size,
      weights: [weight],
      isTrained: true,
    })),
    ...(statistics.length === 0 ? [] : [packedBucket("statistics", statistics, false)]),
  ];
}

function packedSizeOf({ calls }: AnyModel): number {
  const activations = calls.reduce((sum, { plan }) => sum + sizeOf(plan.outputShape), 0);
  return activations > MOST_ACTIVATIONS ? 0 : PACKED_SIZE;
}

function packedBucket(name: string, weights: readonly ModelWeight[], areTrained: boolean): Bucket {
  const size = weights.reduce((sum, weight) => sum + weight.size, 0);
  return { name, shape: [size], size, weights, isTrained: areTrained };
}

/** Which of a bucket's weights decay, as the rules of optimizers want it. */
export function decayedOf(builder: GraphBuilder, { weights, shape, size }: Bucket, decayed: Decayed): boolean | Value {
  const flags = weights.map(({ key }) => decayed === "all" || key === "kernel");
  if (flags.every((flag) => flag === flags[0])) return flags[0]!;
  const ones = new Float32Array(size);
  let start = 0;
  weights.forEach((weight, i) => {
    if (flags[i]) ones.fill(1, start, start + weight.size);
    start += weight.size;
  });
  return builder.constant(ones, { shape });
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

/** Adds what puts values for a bucket's weights, one of the shape of each, into one tensor of the bucket's shape. */
export function packValues({ op }: GraphBuilder, { weights }: Bucket, values: readonly Value[]): Value {
  if (weights.length === 1) return values[0]!;
  return op.Concat(
    values.map((value) => (value.shape.length === 1 ? value : op.Reshape(value, [sizeOf(value.shape)]))),
    0,
  );
}
