import type { GraphBuilder } from "../builder.ts";
import type { Node } from "../graph.ts";
import { imageSizes, type Value } from "../value.ts";
import { elementOf, fastCorrelation, LONGEST_SIGNAL, matrix, type Matrix } from "./toom-cook.ts";

/**
 * @file Convolutions by Winograd's minimal filtering (Lavin and Gray, 2015), written with operators that every device has, on
 * images `[height, width, batch, channel]`.
 *
 * Images are cut into tiles of 4 x 4 outputs, and with the matrices of `fastCorrelation`
 * Y = Aᵀ [(G g Gᵀ) ∘ (Bᵀ d B)] A for each tile: 36 multiplications for the 144 of 3 x 3 kernels, 25 for the 64 of 2 x 2. Summed
 * over channels, the products of elements are products of matrices that hold all tiles, one for each of the 36 places.
 *
 * With pixels outermost, Bᵀ d B of all tiles is one product by a banded matrix of constants along each axis, which knows of
 * overlaps, padding and edges: nothing is gathered, padded or cut. All three transformations are linear, so the gradients come from
 * the ordinary rules, and in the cheap form: to the kernels Gᵀ [Σ_tiles (Bᵀ d B)ᵀ (A dy Aᵀ)] G, to the images
 * B [(A dy Aᵀ) (G g Gᵀ)ᵀ] Bᵀ, where A dy Aᵀ is worked out once for both, and Bᵀ d B is that of the forward pass.
 */

/** Outputs of a tile along each axis. Larger tiles multiply less and lose more digits. */
const TILE = 4;

/** Whether a convolution has this form: no strides, no groups, and kernels short enough. */
export function hasWinogradForm({ attributes: { kernel_shape, strides, dilations, group } }: Node<"Conv">): boolean {
  return (
    group === 1 &&
    [...strides, ...dilations].every((step) => step === 1) &&
    kernel_shape.every((size) => size > 1 && TILE + size - 1 <= LONGEST_SIGNAL)
  );
}

/** The convolution of `node`, without its bias, from images to a result that are both `[height, width, batch, channel]`. */
export function emitWinograd(builder: GraphBuilder, node: Node<"Conv">, images: Value, kernels: Value): Value {
  const { op } = builder;
  const [filters, channels, ...taps] = imageSizes(kernels.shape);
  const [height, width, batch] = imageSizes(images.shape);
  const [, , outputHeight, outputWidth] = imageSizes(node.outputs[0].shape);
  const rows = axisOf(height, outputHeight, taps[0], node.attributes.pads[0]!);
  const columns = axisOf(width, outputWidth, taps[1], node.attributes.pads[1]!);
  const constant = ({ rows: m, columns: n, data }: Matrix): Value => builder.constant(Float32Array.from(data), { shape: [m, n] });

  const signalRows = op.MatMul(constant(rows.signal), op.Reshape(images, [height, width * batch * channels]));
  const signal = op.MatMul(constant(columns.signal), op.Reshape(signalRows, [rows.size * rows.tiles, width, batch * channels]));
  const area = taps[0] * taps[1];
  // Two transpositions that each move one axis are faster than one that moves two.
  const byFilter = op.Transpose(op.Reshape(kernels, [1, filters, channels * area]), [0, 2, 1]);
  const byTap = op.Reshape(op.Transpose(op.Reshape(byFilter, [channels, area, filters]), [1, 0, 2]), [area, channels * filters]);
  const transformed = op.Gemm(constant(kronecker(rows.kernel, columns.kernel)), byTap);
  const product = op.MatMul(
    op.Reshape(signal, [rows.size, rows.tiles, columns.size, columns.tiles * batch, channels]),
    op.Reshape(transformed, [rows.size, 1, columns.size, channels, filters]),
  );
  const outputRows = op.MatMul(
    constant(rows.output),
    op.Reshape(product, [rows.size * rows.tiles, columns.size * columns.tiles * batch * filters]),
  );
  const output = op.MatMul(
    constant(columns.output),
    op.Reshape(outputRows, [outputHeight, columns.size * columns.tiles, batch * filters]),
  );
  return op.Reshape(output, [outputHeight, outputWidth, batch, filters]);
}

/** The transformations along one axis of the images, for all tiles at once. */
interface Axis {
  /** Places of a transformed tile, and tiles. */
  readonly size: number;
  readonly tiles: number;
  /** Bᵀ of every tile: `[(place, tile), pixel]`. */
  readonly signal: Matrix;
  /** G: `[place, tap]`. */
  readonly kernel: Matrix;
  /** Aᵀ of every tile: `[pixel of the result, (place, tile)]`. */
  readonly output: Matrix;
}

function axisOf(pixels: number, outputs: number, taps: number, before: number): Axis {
  const { signal, kernel, output } = fastCorrelation(TILE, taps);
  const size = kernel.rows;
  const tiles = Math.ceil(outputs / TILE);
  const startOf = (row: number): number => (row % tiles) * TILE;
  const placeOf = (row: number): number => Math.floor(row / tiles);
  return {
    size,
    tiles,
    kernel,
    signal: matrix(size * tiles, pixels, (row, pixel) => elementOf(signal, placeOf(row), pixel + before - startOf(row))),
    output: matrix(outputs, size * tiles, (pixel, row) => elementOf(output, pixel - startOf(row), placeOf(row))),
  };
}

/** a ⊗ b: `[(row of a, row of b), (column of a, column of b)]`. */
function kronecker(a: Matrix, b: Matrix): Matrix {
  return matrix(
    a.rows * b.rows,
    a.columns * b.columns,
    (row, column) =>
      elementOf(a, Math.floor(row / b.rows), Math.floor(column / b.columns)) * elementOf(b, row % b.rows, column % b.columns),
  );
}
