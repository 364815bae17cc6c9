import type { GraphBuilder } from "../builder.ts";
import type { Node } from "../graph.ts";
import { imageSizes, sizeOf, type Value } from "../value.ts";
import { elementOf, fastCorrelation, matrix, type Matrix } from "./toom-cook.ts";

/**
 * @file Convolutions by Winograd's minimal filtering (Lavin and Gray, 2015), written with operators that every device has, on
 * images `[height, width, batch, channel]`.
 *
 * Images are cut into tiles of 4 x 4 outputs, and with the matrices of `fastCorrelation`
 * Y = Aᵀ [(G g Gᵀ) ∘ (Bᵀ d B)] A for each tile: 36 multiplications for the 144 of 3 x 3 kernels, 25 for the 64 of 2 x 2, 49 for the 256 of
 * 4 x 4. Summed over channels, the products of elements are products of matrices that hold all tiles, one for each of the places.
 *
 * With pixels outermost, Bᵀ d B of all tiles is one product by a banded matrix of constants along each axis, which knows of
 * overlaps, padding and edges: nothing is gathered, padded or cut. All three transformations are linear, so the gradients come from
 * the ordinary rules, and in the cheap form: to the kernels Gᵀ [Σ_tiles (Bᵀ d B)ᵀ (A dy Aᵀ)] G, to the images
 * B [(A dy Aᵀ) (G g Gᵀ)ᵀ] Bᵀ, where A dy Aᵀ is worked out once for both, and Bᵀ d B is that of the forward pass.
 */

/**
 * Outputs of a tile along each axis, by the kernel's length: larger tiles multiply less and lose more digits (of random images and 4 x 4 kernels of 64
 * channels 2.6e-6 of the result, 1.2e-6 of 3 x 3). Tiles of 4 fit 32, 16 and 8 pixels, where tiles of 3 stand over.
 */
const tiles: Readonly<Record<number, number>> = { 2: 4, 3: 4, 4: 4 };

/** Of the multiplications that a convolution takes as it is: with more, as in images smaller than a tile, nothing is won. */
const MOST_MULTIPLICATIONS = 0.75;

/** Elements of transformed images for one of the images: with more, too much memory is moved and held. */
const MOST_GROWTH = 5;

/** Whether a convolution takes few multiplications in this form: no strides, no groups, and short kernels. */
export function hasWinogradForm(node: Node<"Conv">): boolean {
  const { kernel_shape, strides, dilations, group } = node.attributes;
  const isShort = kernel_shape.every((size) => tiles[size] !== undefined);
  if (group !== 1 || !isShort || [...strides, ...dilations].some((step) => step !== 1)) return false;
  const products = axesOf(node).reduce((product, { size, tiles: count }) => product * size * count, 1);
  return products <= MOST_MULTIPLICATIONS * sizeOf(node.outputs[0].shape.slice(2)) * sizeOf(kernel_shape);
}

/**
 * Whether a convolution can be written like Winograd's without harm. One with strides gets a product for each position of its
 * kernel, with 0 and 1 in the matrices: nothing is saved, but nothing cut either.
 */
export function hasTiledForm(node: Node<"Conv">): boolean {
  if (hasWinogradForm(node)) return true;
  const growth = axesOf(node).reduce((product, { signal }) => product * (signal.rows / signal.columns), 1);
  return node.attributes.group === 1 && growth <= MOST_GROWTH;
}

/** The convolution of `node`, without its bias, from images to a result that are both `[height, width, batch, channel]`. */
export function emitTiled(builder: GraphBuilder, node: Node<"Conv">, images: Value, kernels: Value): Value {
  const { op } = builder;
  const [filters, channels, ...taps] = imageSizes(kernels.shape);
  const [height, width, batch] = imageSizes(images.shape);
  const [, , outputHeight, outputWidth] = imageSizes(node.outputs[0].shape);
  const [rows, columns] = axesOf(node);
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

function axesOf({ inputs: [x], outputs: [y], attributes }: Node<"Conv">): readonly [rows: Axis, columns: Axis] {
  const along = (axis: 0 | 1): Axis => {
    const taps = attributes.kernel_shape[axis]!;
    const [stride, dilation] = [attributes.strides[axis]!, attributes.dilations[axis]!];
    const [pixels, outputs, before] = [x.shape[axis + 2]!, y.shape[axis + 2]!, attributes.pads[axis]!];
    const tile = stride === 1 && dilation === 1 ? tiles[taps] : undefined;
    return tile === undefined
      ? byPosition(pixels, outputs, taps, before, stride, dilation)
      : byTile(pixels, outputs, taps, before, tile);
  };
  return [along(0), along(1)];
}

function byTile(pixels: number, outputs: number, taps: number, before: number, tile: number): Axis {
  const { signal, kernel, output } = fastCorrelation(tile, taps);
  const size = kernel.rows;
  const count = Math.ceil(outputs / tile);
  const startOf = (row: number): number => (row % count) * tile;
  const placeOf = (row: number): number => Math.floor(row / count);
  return {
    size,
    tiles: count,
    kernel,
    signal: matrix(size * count, pixels, (row, pixel) => elementOf(signal, placeOf(row), pixel + before - startOf(row))),
    output: matrix(outputs, size * count, (pixel, row) => elementOf(output, pixel - startOf(row), placeOf(row))),
  };
}

/** The plain form: tiles of one pixel of the result, and a place for each position of the kernel. */
function byPosition(pixels: number, outputs: number, taps: number, before: number, stride: number, dilation: number): Axis {
  const seen = (row: number): number => (row % outputs) * stride + Math.floor(row / outputs) * dilation - before;
  return {
    size: taps,
    tiles: outputs,
    kernel: matrix(taps, taps, (row, column) => Number(row === column)),
    signal: matrix(taps * outputs, pixels, (row, pixel) => Number(pixel === seen(row))),
    output: matrix(outputs, taps * outputs, (pixel, row) => Number(pixel === row % outputs)),
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
