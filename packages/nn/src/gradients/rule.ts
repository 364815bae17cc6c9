import type { GraphBuilder } from "../graph/builder.ts";
import type { Node } from "../graph/graph.ts";
import type { Attributes, Inputs, OpType } from "../graph/op.ts";
import type { Operators } from "../graph/operators.ts";
import { sameShape, sizeOf, type Shape, type Value } from "../graph/value.ts";

/** What a gradient rule sees of one node. */
export interface Backward<K extends OpType> {
  readonly builder: GraphBuilder;
  readonly op: Operators;
  readonly node: Node<K>;
  readonly inputs: Inputs<K>;
  readonly attributes: Attributes<K>;
  /** The node's first output. */
  readonly y: Value;
  /** The gradient to the first output. */
  readonly dy: Value;
  /** The gradient to each output; null where none flows. */
  readonly outputGradients: readonly (Value | null)[];
  /** Whether the gradient to each input is used; what is not wanted need not be built. */
  readonly wanted: readonly boolean[];
}

/**
 * Builds the gradients to a node's inputs, one an input, null for those not wanted.
 *
 * A rule may ignore broadcasting: the loop sums each gradient to its input's shape, and adds up those of a value used twice.
 */
export type GradientRule<K extends OpType> = (backward: Backward<K>) => readonly (Value | null)[];

/** Sums `gradient` over the axes along which a tensor of `shape` was broadcast. */
export function sumTo(op: Operators, gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const added = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((size, axis) => (axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : []));
  const summed = axes.length === 0 ? gradient : op.ReduceSum(gradient, { axes });
  return sameShape(summed.shape, shape) ? summed : op.Reshape(summed, shape);
}

/** 1 where `condition` holds and 0 elsewhere: multiplying by it is several times as fast as `Where` in ONNX Runtime. */
export function mask(op: Operators, condition: Value): Value {
  return op.Cast(condition, "float32");
}

/** `shape` with size 1 at `axes`, as a reduction with `keepdims` leaves it. */
export function reducedShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** The number of elements that a reduction of `shape` over `axes` puts together. */
export function reducedCount(shape: Shape, axes: readonly number[]): number {
  return sizeOf(axes.map((axis) => shape[axis]!));
}

/** The adjoint of `Slice`: puts `dy` back among zeros. Each strided axis is spread out first, then all are padded. */
export function unslice(op: Operators, dy: Value, shape: Shape, starts: readonly number[], steps: readonly number[]): Value {
  let spread = dy;
  steps.forEach((step, axis) => {
    if (step === 1) return;
    const size = spread.shape[axis]!;
    const apart = op.Reshape(spread, spread.shape.toSpliced(axis, 1, size, 1));
    const after = apart.shape.map((_, i) => (i === axis + 1 ? step - 1 : 0));
    const filled = op.Pad(apart, [...apart.shape.map(() => 0), ...after]);
    const joined = op.Reshape(filled, spread.shape.with(axis, size * step));
    // The last step may reach beyond the end.
    const room = Math.min(size * step, shape[axis]! - starts[axis]!);
    spread =
      room === size * step
        ? joined
        : op.Slice(
            joined,
            joined.shape.map(() => 0),
            joined.shape.with(axis, room),
          );
  });
  const after = shape.map((size, axis) => size - starts[axis]! - spread.shape[axis]!);
  return op.Pad(spread, [...starts, ...after]);
}
