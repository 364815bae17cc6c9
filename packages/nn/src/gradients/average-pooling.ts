import { imageSizes, type Value } from "../graph/value.ts";
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
  const { kernel_shape, strides, pads } = attributes;
  const [batch, channels, height, width] = imageSizes(x.shape);
  const [, , rows, columns] = imageSizes(dy.shape);
  const shares = (axis: 0 | 1): Float32Array =>
    sharesOf(axis === 0 ? height : width, axis === 0 ? rows : columns, kernel_shape[axis]!, strides[axis]!, pads[axis]!);
  const byColumn = shares(1);
  const stride = strides[0]!;
  if (pads[0] === 0 && pads[2] === 0 && kernel_shape[0]! <= stride && rows * stride === height) {
    const repeated = new Float32Array(columns * stride * width);
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < kernel_shape[0]!; row++) {
        const share = byColumn.subarray(column * width, (column + 1) * width).map((value) => value / kernel_shape[0]!);
        repeated.set(share, (column * stride + row) * width);
      }
    }
    const matrix = builder.constant(repeated, { shape: [columns, stride * width] });
    return [op.Reshape(op.MatMul(op.Reshape(dy, [batch * channels * rows, columns]), matrix), x.shape)];
  }
  const toColumns = op.MatMul(
    op.Reshape(dy, [batch * channels * rows, columns]),
    builder.constant(byColumn, { shape: [columns, width] }),
  );
  const byRow = builder.constant(transposed(shares(0), rows, height), { shape: [height, rows] });
  return [op.MatMul(byRow, op.Reshape(toColumns, [batch, channels, rows, width]))];
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

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}
