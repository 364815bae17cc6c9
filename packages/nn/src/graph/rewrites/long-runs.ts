import type { GraphBuilder } from "../builder.ts";
import { isOp, mapInputs, type Graph, type Node } from "../graph.ts";
import { sameShape, sizeOf, type Shape, type Value } from "../value.ts";
import { replaceNodes } from "./rebuild.ts";

/**
 * @file Sums to one number a channel, and arithmetic with one number a channel, in the forms that ONNX Runtime is quick at:
 * batch normalization and biases, there and back. Measured: bench/NOTES.md.
 */

/** Below this many elements the operators as they are cost less than the nodes around them. */
const FEWEST_ELEMENTS = 2 ** 15;

/** Longer last axes are long runs as they are. */
const LONGEST_REPEATED = 1024;

/**
 * The same graph with
 * - sums over all axes but the channels' as products by ones, several times as fast as `ReduceSum` and `ReduceSumSquare`;
 * - vectors along a short last axis repeated, so that what they are added to or multiplied by is worked through in long runs.
 */
export function inLongRuns(graph: Graph): Graph {
  return replaceNodes(graph, (builder, node, current) => {
    const emitted = emit(builder, node, current);
    return emitted && [emitted];
  });
}

function emit(builder: GraphBuilder, node: Node, current: (value: Value) => Value): Value | undefined {
  for (const sum of ["ReduceSum", "ReduceMean", "ReduceSumSquare"] as const) {
    if (isOp(node, sum)) return emitSum(builder, node, current(node.inputs[0]));
  }
  for (const operation of ["Add", "Sub", "Mul", "Div"] as const) {
    if (!isOp(node, operation)) continue;
    return emitWithVector(builder, operation, node.outputs[0].shape, mapInputs(node, current));
  }
  return undefined;
}

type Sum = Node<"ReduceSum"> | Node<"ReduceMean"> | Node<"ReduceSumSquare">;

/** One number a channel: pixel by pixel or image by image by a product, and what is left by the sum of a small matrix. */
function emitSum(builder: GraphBuilder, node: Sum, x: Value): Value | undefined {
  const { op } = builder;
  const { shape } = x;
  const kept = shape.flatMap((size, axis) => (size === 1 || node.attributes.axes.includes(axis) ? [] : [axis]));
  const [channel] = kept;
  if (channel === undefined || kept.length > 1 || sizeOf(shape) < FEWEST_ELEMENTS) return undefined;
  const channels = shape[channel]!;
  const after = sizeOf(shape.slice(channel + 1));
  // Of the axes before the channels the last stays with them, so that the product has long rows.
  const beside = after === 1 ? (shape[channel - 1] ?? 1) : sizeOf(shape.slice(0, channel));
  const length = sizeOf(shape) / (channels * beside);
  if (length < SHORTEST_PRODUCT) return undefined;
  const terms = node.op === "ReduceSumSquare" ? op.Mul(x, x) : x;
  const ones = new Float32Array(length).fill(1);
  const product =
    after === 1
      ? op.MatMul(builder.constant(ones, { shape: [1, length] }), op.Reshape(terms, [length, beside * channels]))
      : op.MatMul(op.Reshape(terms, [beside * channels, length]), builder.constant(ones, { shape: [length, 1] }));
  const sum = op.ReduceSum(op.Reshape(product, [beside, channels]), { axes: [0] });
  const result = node.op === "ReduceMean" ? op.Mul(sum, channels / sizeOf(shape)) : sum;
  return op.Reshape(result, node.outputs[0].shape);
}

/** Fewer terms are no product. */
const SHORTEST_PRODUCT = 16;

/** Arithmetic between `[..., rows, channel]` and a vector of channels, on `[..., rows channel]` and the vector repeated. */
function emitWithVector(
  { op }: GraphBuilder,
  operation: "Add" | "Sub" | "Mul" | "Div",
  shape: Shape,
  [a, b]: readonly [Value, Value],
): Value | undefined {
  const [rows = 1, channels = 1] = shape.slice(-2);
  if (shape.length < 3 || rows === 1 || channels === 1 || channels > LONGEST_REPEATED) return undefined;
  if (sizeOf(shape) < FEWEST_ELEMENTS) return undefined;
  const isVector = (x: Value): boolean => x.shape.at(-1) === channels && sizeOf(x.shape) === channels;
  const inRuns = (x: Value): Value =>
    isVector(x)
      ? op.Reshape(op.Expand(op.Reshape(x, [1, channels]), [rows, channels]), [rows * channels])
      : op.Reshape(x, [sizeOf(shape) / (rows * channels), rows * channels]);
  const [isLeft, isRight] = [isVector(a), isVector(b)];
  const isOther = sameShape((isLeft ? b : a).shape, shape);
  if (isLeft === isRight || !isOther) return undefined;
  return op.Reshape(op[operation](inRuns(a), inRuns(b)), shape);
}
