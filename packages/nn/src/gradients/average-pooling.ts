import type { Attributes } from "../graph/op.ts";
import { imageSizes, type Shape, type Value } from "../graph/value.ts";
import type { Backward } from "./rule.ts";

/**
 * The gradient of a mean goes to all elements of its window alike. A mean of means by rows and by columns is the mean of a window,
 * so all that is to be done is to multiply by two matrices of constants: dx = Rᵀ dy C, where R holds the share that each row has in
 * each window, and C the share that each column has.
 *
 * Where windows lie apart and fill the height, one product does both: a row of dy gives all the rows of its windows at once.
 * [128, 64, 32, 32] and windows of 2 x 2, milliseconds on one thread: one product 5, two 11, `ConvTranspose` channel by channel 11,
 * `Expand` along the innermost axis 60. Windows of 3 x 3, strides 2: two products 10, `ConvTranspose` 18 to 25, one product with a
 * matrix for whole images 25. Strides 1: two products 16, `ConvTranspose` 23, nine padded sums 60.
 */
export function averagePoolGradient({ builder, op, dy, inputs: [x], attributes }: Backward<"AveragePool">): readonly [Value] {
  const [batch, channels, height, width] = imageSizes(x.shape);
  const [, , rows, columns] = imageSizes(dy.shape);
  const shares = poolShares(attributes, x.shape, dy.shape);
  const lines = op.Reshape(dy, [batch * channels * rows, columns]);
  if (shares.kind === "together") {
    const matrix = builder.constant(shares.matrix, { shape: [columns, (height / rows) * width] });
    return [op.Reshape(op.MatMul(lines, matrix), x.shape)];
  }
  const toColumns = op.MatMul(lines, builder.constant(shares.columns, { shape: [columns, width] }));
  const byRow = op.Transpose(builder.constant(shares.rows, { shape: [rows, height] }));
  return [op.MatMul(byRow, op.Reshape(toColumns, [batch, channels, rows, width]))];
}

/**
 * The shares that elements have in windows: `[row, row of the image]` and `[column, column of the image]`, or, where a row of windows
 * is so many whole rows of the image, `[column, (row of the image, column of the image)]` of those.
 */
export type PoolShares =
  | { readonly kind: "together"; readonly matrix: Float32Array }
  | { readonly kind: "apart"; readonly rows: Float32Array; readonly columns: Float32Array };

/** The shares of an average pool from images of one shape to another. */
export function poolShares(
  { kernel_shape, strides, pads }: Attributes<"AveragePool">,
  imageShape: Shape,
  pooledShape: Shape,
): PoolShares {
  const [, , height, width] = imageSizes(imageShape);
  const [, , rows, columns] = imageSizes(pooledShape);
  const [kernel, stride] = [kernel_shape[0]!, strides[0]!];
  const byColumn = sharesOf(width, columns, kernel_shape[1]!, strides[1]!, pads[1]!);
  const isWhole = pads[0] === 0 && pads[2] === 0 && kernel <= stride && rows * stride === height;
  if (!isWhole) return { kind: "apart", rows: sharesOf(height, rows, kernel, stride, pads[0]!), columns: byColumn };
  const matrix = new Float32Array(columns * stride * width);
  for (let column = 0; column < columns; column++) {
    const share = byColumn.subarray(column * width, (column + 1) * width).map((value) => value / kernel);
    for (let row = 0; row < kernel; row++) matrix.set(share, (column * stride + row) * width);
  }
  return { kind: "together", matrix };
}

/** `[window, element]` along one axis: one over the number of elements that a window has inside the image, for those it has. */
export function sharesOf(size: number, windows: number, kernel: number, stride: number, before: number): Float32Array {
  const shares = new Float32Array(windows * size);
  for (let window = 0; window < windows; window++) {
    const start = Math.max(0, window * stride - before);
    const end = Math.min(size, window * stride - before + kernel);
    shares.fill(1 / (end - start), window * size + start, window * size + end);
  }
  return shares;
}
