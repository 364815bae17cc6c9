import type { GraphBuilder } from "../builder.ts";
import type { Node } from "../graph.ts";
import { imageSizes, type Value } from "../value.ts";

/**
 * @file The first convolution of a network as a product of matrices, to a result with pixels outermost,
 * `[height, width, batch, filter]`: Y = Xᵀ W where a column of X holds all that a window sees.
 *
 * With a few channels X is not much larger than the result, and the gradient to the kernels is one product of two matrices that are
 * there already; images take none. Copies of windows are long runs, since the batch is innermost in X.
 */

/** Rows of X: with more, ONNX Runtime's own convolution, which never writes X out, is faster. */
const MOST_ROWS = 64;

/** Whether the convolution is of images as they come in, or what is done to them pixel by pixel, and sees little at a time. */
export function isOfInput(builder: GraphBuilder, node: Node<"Conv">): boolean {
  const [images, kernels] = node.inputs;
  const rows = kernels.shape.slice(1).reduce((product, size) => product * size, 1);
  return node.attributes.group === 1 && rows <= MOST_ROWS && isInput(builder, images);
}

function isInput(builder: GraphBuilder, value: Value): boolean {
  const node = builder.producerOf(value);
  if (node === undefined) return value.kind === "input";
  const [first, ...others] = node.inputs;
  return first !== undefined && others.every(({ kind }) => kind === "constant") && isInput(builder, first);
}

/**
 * The convolution of `node`, without its bias, of images `[batch, channel, height, width]`.
 *
 * @param every - Only each so manieth row and column of the result, from `first` on.
 */
export function emitColumns(
  { op }: GraphBuilder,
  { attributes, outputs: [y] }: Node<"Conv">,
  images: Value,
  kernels: Value,
  first: readonly [row: number, column: number] = [0, 0],
  every = 1,
): Value {
  const { kernel_shape, strides, pads, dilations } = attributes;
  const [batch, channels, height, width] = imageSizes(images.shape);
  const filters = kernels.shape[0]!;
  const rows = Math.ceil((y.shape[2]! - first[0]) / every);
  const columns = Math.ceil((y.shape[3]! - first[1]) / every);
  const byPixel = op.Transpose(op.Reshape(images, [1, batch, channels * height * width]), [0, 2, 1]);
  const padded = op.Pad(op.Reshape(byPixel, [channels, height, width, batch]), [
    0,
    pads[0]!,
    pads[1]!,
    0,
    0,
    pads[2]!,
    pads[3]!,
    0,
  ]);
  const steps = strides.map((stride) => stride * every);
  const windows: Value[] = [];
  for (let row = 0; row < kernel_shape[0]!; row++) {
    for (let column = 0; column < kernel_shape[1]!; column++) {
      const top = first[0] * strides[0]! + row * dilations[0]!;
      const left = first[1] * strides[1]! + column * dilations[1]!;
      const ends = [channels, top + (rows - 1) * steps[0]! + 1, left + (columns - 1) * steps[1]! + 1, batch];
      const seen = op.Slice(padded, [0, top, left, 0], ends, [1, ...steps, 1]);
      windows.push(op.Reshape(seen, [channels, 1, rows * columns * batch]));
    }
  }
  const all = op.Reshape(op.Concat(windows, 1), [channels * windows.length, rows * columns * batch]);
  const flat = op.Reshape(kernels, [filters, channels * windows.length]);
  return op.Reshape(op.Gemm(all, flat, undefined, { transA: true, transB: true }), [rows, columns, batch, filters]);
}
