import { sharesOf } from "../../gradients/average-pooling.ts";
import type { GraphBuilder } from "../builder.ts";
import { isOp, mapInputs, type Node } from "../graph.ts";
import type { OpType } from "../op.ts";
import { imageSizes, type Shape, type Value } from "../value.ts";
import { emitColumns, isOfInput } from "./columns.ts";
import { emitTiled, hasTiledForm } from "./winograd.ts";

/**
 * @file How operators on images are written where pixels are outermost, `[height, width, batch, channel]`.
 */

/** Where each axis comes from; the same order takes it back. */
export const turn: readonly number[] = [2, 3, 0, 1];

/** Where each axis has gone. */
const turnedAxis = (axis: number): number => turn.indexOf(axis);

/** What has become of the values of the old graph. */
export interface TurnedValues {
  /** In the old layout. */
  readonly plain: (old: Value) => Value;
  /** How many inputs of nodes a value of the old graph is. */
  readonly usesOf: (old: Value) => number;
  /** With pixels outermost; one that is broadcast gets the axes it lacks, but for scalars. */
  readonly turned: (old: Value) => Value;
}

/**
 * Adds what gives the outputs of a node with pixels outermost, or nothing if the node is better left as it is. Reductions keep
 * their axes.
 */
type TurnedRule<K extends OpType> = (builder: GraphBuilder, node: Node<K>, values: TurnedValues) => readonly Value[] | undefined;

/** Adds the outputs of a node with pixels outermost; undefined, and nothing added, if it is better left as it is. */
export function emitTurned<K extends OpType>(
  builder: GraphBuilder,
  node: Node<K>,
  values: TurnedValues,
): readonly Value[] | undefined {
  const rule: TurnedRule<K> | undefined = rules[node.op];
  const isOnImages = [...node.inputs, ...node.outputs].every(({ shape }) => shape.length <= 4);
  return isOnImages ? rule?.(builder, node, values) : undefined;
}

/** Element by element, also where one operand is broadcast. */
function elementwise<K extends OpType>(
  builder: GraphBuilder,
  node: Node<K>,
  { turned }: TurnedValues,
): readonly Value[] | undefined {
  if (node.outputs[0].shape.length !== 4) return undefined;
  return builder.add(node.op, mapInputs(node, turned), node.attributes);
}

function reduction<K extends "ReduceSum" | "ReduceSumSquare" | "ReduceMean" | "ReduceMax">(
  { op }: GraphBuilder,
  node: Node<K>,
  { turned }: TurnedValues,
): readonly Value[] | undefined {
  const [x] = node.inputs;
  const axes = node.attributes.axes.map(turnedAxis).toSorted((a, b) => a - b);
  return x.shape.length === 4 && node.attributes.keepdims === 1 ? [op[node.op](turned(x), { axes, keepdims: true })] : undefined;
}

function convolution(builder: GraphBuilder, node: Node<"Conv">, values: TurnedValues): readonly Value[] | undefined {
  const y = emitConvolution(builder, node, values);
  const [, , bias] = node.inputs;
  return y === undefined || bias === undefined ? y && [y] : [builder.op.Add(y, values.plain(bias))];
}

function emitConvolution(builder: GraphBuilder, node: Node<"Conv">, { plain, turned }: TurnedValues): Value | undefined {
  const [x, w] = node.inputs;
  if (isOfInput(builder, node)) return emitColumns(builder, node, plain(x), plain(w));
  if (isPointwise(node)) return emitPointwise(builder, node, turned(x), plain(w));
  return hasTiledForm(node) ? emitTiled(builder, node, turned(x), plain(w)) : undefined;
}

/** Kernels of one pixel: a product by a matrix. */
function isPointwise({ attributes: { kernel_shape, strides, pads, group } }: Node<"Conv">): boolean {
  return group === 1 && [...kernel_shape, ...strides].every((size) => size === 1) && pads.every((pad) => pad === 0);
}

function emitPointwise({ op }: GraphBuilder, node: Node<"Conv">, images: Value, kernels: Value): Value {
  const [filters, channels] = imageSizes(kernels.shape);
  const [batch, , height, width] = imageSizes(node.outputs[0].shape);
  const pixels = op.Reshape(images, [height * width * batch, channels]);
  const y = op.Gemm(pixels, op.Reshape(kernels, [filters, channels]), undefined, { transB: true });
  return op.Reshape(y, [height, width, batch, filters]);
}

/**
 * The largest of each row of a window, then the largest of those, so that the first of equal ones wins as in `MaxPool`. A bias, the
 * same for a window's pixels, is added afterwards.
 */
function maxPool(builder: GraphBuilder, node: Node<"MaxPool">, values: TurnedValues): readonly Value[] | undefined {
  if (node.attributes.indices) return undefined;
  const { op } = builder;
  const [x] = node.inputs;
  const before = builder.producerOf(x);
  if (before !== undefined && isOp(before, "Conv") && isOfInput(builder, before) && isHalving(node) && values.usesOf(x) === 1) {
    const [images, kernels, bias] = before.inputs.map(values.plain);
    // Each corner of the windows by a convolution of its own, so that nothing has to be cut apart.
    const corner = (row: number, column: number): Value => emitColumns(builder, before, images!, kernels!, [row, column], 2);
    const pooled = op.Max(op.Max(corner(0, 0), corner(0, 1)), op.Max(corner(1, 0), corner(1, 1)));
    return [bias === undefined ? pooled : op.Add(pooled, bias)];
  }
  const images = values.turned(x);
  const sum = builder.producerOf(images);
  const [unbiased, bias] = sum !== undefined && isOp(sum, "Add") && sum.inputs[1].shape.length === 1 ? sum.inputs : [images];
  const pooled = isHalving(node) ? largestOfFour(builder, unbiased) : largestOfWindows(builder, node, unbiased);
  return [bias === undefined ? pooled : op.Add(pooled, bias)];
}

/** Whether windows are 2 x 2, next to each other and fill the images. */
function isHalving({ inputs: [x], attributes: { kernel_shape, strides, pads } }: Node<"MaxPool">): boolean {
  const isWhole = pads.every((pad) => pad === 0) && x.shape.slice(2).every((size) => size % 2 === 0);
  return isWhole && [...kernel_shape, ...strides].every((size) => size === 2);
}

function largestOfFour({ op }: GraphBuilder, images: Value): Value {
  const [height, width, batch, channels] = imageSizes(images.shape);
  const largerOf = (value: Value, pairs: number, shape: Shape): Value => {
    const [first, second] = op.Split(op.Reshape(value, [pairs, 2, ...shape]), [1, 1], 1);
    return op.Max(first!, second!);
  };
  const columns = largerOf(images, (height * width) / 2, [batch * channels]);
  const rows = largerOf(columns, height / 2, [width / 2, batch * channels]);
  return op.Reshape(rows, [height / 2, width / 2, batch, channels]);
}

function largestOfWindows({ op }: GraphBuilder, { outputs: [y], attributes }: Node<"MaxPool">, images: Value): Value {
  const { kernel_shape, strides, pads } = attributes;
  const along = (value: Value, axis: 0 | 1): Value => {
    const margins = value.shape.map(() => 0).with(axis, pads[axis]!);
    const after = value.shape.map(() => 0).with(axis, pads[axis + 2]!);
    const padded = op.Pad(value, [...margins, ...after], -Infinity);
    const last = (y.shape[axis + 2]! - 1) * strides[axis]! + 1;
    const steps = [1, 1, 1, 1].with(axis, strides[axis]!);
    const shifted = Array.from({ length: kernel_shape[axis]! }, (_, start) =>
      op.Slice(padded, [0, 0, 0, 0].with(axis, start), padded.shape.with(axis, start + last), steps),
    );
    return shifted.reduce((largest, other) => op.Max(largest, other));
  };
  return along(along(images, 1), 0);
}

/** A mean by rows of means by columns, each a product by a matrix of shares. */
function averagePool(builder: GraphBuilder, node: Node<"AveragePool">, { turned }: TurnedValues): readonly Value[] {
  const { op } = builder;
  const { kernel_shape, strides, pads } = node.attributes;
  const [batch, channels, height, width] = imageSizes(node.inputs[0].shape);
  const [, , rows, columns] = imageSizes(node.outputs[0].shape);
  const shares = (axis: 0 | 1, size: number, windows: number): Value =>
    builder.constant(sharesOf(size, windows, kernel_shape[axis]!, strides[axis]!, pads[axis]!), { shape: [windows, size] });
  const images = op.Reshape(turned(node.inputs[0]), [height, width * batch * channels]);
  const byRow = op.Reshape(op.MatMul(shares(0, height, rows), images), [rows, width, batch * channels]);
  return [op.Reshape(op.MatMul(shares(1, width, columns), byRow), [rows, columns, batch, channels])];
}

const rules: { readonly [K in OpType]?: TurnedRule<K> } = {
  Identity: elementwise,
  Neg: elementwise,
  Abs: elementwise,
  Exp: elementwise,
  Log: elementwise,
  Sqrt: elementwise,
  Reciprocal: elementwise,
  Erf: elementwise,
  Relu: elementwise,
  Sigmoid: elementwise,
  Tanh: elementwise,
  Softplus: elementwise,
  Softsign: elementwise,
  Gelu: elementwise,
  LeakyRelu: elementwise,
  Elu: elementwise,
  Selu: elementwise,
  HardSigmoid: elementwise,
  Clip: elementwise,
  Cast: elementwise,
  Add: elementwise,
  Sub: elementwise,
  Mul: elementwise,
  Div: elementwise,
  Pow: elementwise,
  Max: elementwise,
  Min: elementwise,
  Equal: elementwise,
  Greater: elementwise,
  GreaterOrEqual: elementwise,
  Less: elementwise,
  LessOrEqual: elementwise,
  Where: elementwise,
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceSumSquare: reduction,
  ReduceMax: reduction,
  Concat: ({ op }, { inputs, outputs, attributes: { axis } }, { turned }) =>
    outputs[0].shape.length === 4 ? [op.Concat(inputs.map(turned), turnedAxis(axis))] : undefined,
  Split: ({ op }, { inputs: [x], attributes: { axis, sizes } }, { turned }) =>
    x.shape.length === 4 ? op.Split(turned(x), sizes, turnedAxis(axis)) : undefined,
  Conv: convolution,
  MaxPool: maxPool,
  AveragePool: averagePool,
};
