import { ArgminError, cholesky, createMatrix, type Matrix, type Rng } from "@argmin/base";
import { sizeOf, type Shape } from "../graph/value.ts";

/**
 * A random matrix whose rows are orthonormal, or its columns if it is taller than wide, times `gain` (Saxe, McClelland and Ganguli,
 * 2014). Of a convolution's kernels each filter is a row.
 *
 * It is the Q of a standard normal matrix's QR decomposition with the signs that make the diagonal of R positive, without which
 * it would not be spread evenly over all such matrices.
 *
 * @throws ArgminError `model/invalid` for a list of numbers: it has no rows and columns.
 */
export function orthogonal(shape: Shape, gain: number, rng: Rng): Float32Array {
  const [rows] = shape;
  if (rows === undefined || shape.length < 2) {
    throw new ArgminError(
      "model/invalid",
      `An orthogonal initializer wants a kernel, not a weight of [${shape.join(", ")}]; choose zeros for it.`,
    );
  }
  const columns = sizeOf(shape.slice(1));
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors = new Float64Array(count * length);
  for (let i = 0; i < vectors.length; i++) vectors[i] = rng.normal();
  orthonormalize(vectors, count, length);
  if (rows <= columns) return Float32Array.from(vectors, (value) => gain * value);
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < values.length; i++) values[i] = gain * vectors[(i % columns) * length + Math.floor(i / columns)]!;
  return values;
}

/**
 * Makes vectors, one after the other, orthonormal in place, as Gram and Schmidt would.
 *
 * With V Vᵀ = L Lᵀ that is L⁻¹ V (Yamamoto and others, 2015), of which both parts read memory in blocks: 512 vectors of 4,096 numbers
 * take 2.8 seconds. What rounding leaves of vectors that were nearly dependent, another round takes away.
 */
function orthonormalize(vectors: Float64Array, count: number, length: number): void {
  for (let ratio = 0; ratio < 0.1;) {
    const factor = cholesky(productsOf(vectors, count, length));
    const diagonal = Array.from({ length: count }, (_, i) => factor.data[i * count + i]!);
    ratio = Math.min(...diagonal) / Math.max(...diagonal);
    solveInPlace(factor, vectors, length);
  }
}

/** Numbers of a vector that are worked on at a time, so that those of many vectors stay in the cache. */
const BLOCK = 512;

/** The products of all pairs of vectors, below the diagonal, on which a little is added lest rounding make it negative. */
function productsOf(vectors: Float64Array, count: number, length: number): Matrix {
  const products = createMatrix(count, count);
  for (let from = 0; from < length; from += BLOCK) {
    const to = Math.min(from + BLOCK, length);
    for (let i = 0; i < count; i += 2) {
      // The last of an odd number is its own neighbour.
      const below = Math.min(i + 1, count - 1);
      for (let j = 0; j <= below; j += 2) {
        const beside = Math.min(j + 1, count - 1);
        let [a, b, c, d] = [0, 0, 0, 0];
        for (let k = from; k < to; k++) {
          const x = vectors[i * length + k]!;
          const y = vectors[below * length + k]!;
          const u = vectors[j * length + k]!;
          const v = vectors[beside * length + k]!;
          a += x * u;
          b += x * v;
          c += y * u;
          d += y * v;
        }
        products.data[i * count + j]! += a;
        if (beside > j) products.data[i * count + beside]! += b;
        if (below > i) products.data[below * count + j]! += c;
        if (below > i && beside > j) products.data[below * count + beside]! += d;
      }
    }
  }
  for (let i = 0; i < count; i++) products.data[i * count + i]! *= 1 + 1e-12;
  return products;
}

/** L⁻¹ V, in place. */
function solveInPlace({ data, rows: count }: Matrix, vectors: Float64Array, length: number): void {
  for (let from = 0; from < length; from += BLOCK) {
    const to = Math.min(from + BLOCK, length);
    for (let i = 0; i < count; i++) {
      const scale = 1 / data[i * count + i]!;
      for (let j = 0; j < i; j += 2) {
        const other = Math.min(j + 1, i - 1);
        const a = data[i * count + j]!;
        const b = other > j ? data[i * count + other]! : 0;
        for (let k = from; k < to; k++) {
          vectors[i * length + k]! -= a * vectors[j * length + k]! + b * vectors[other * length + k]!;
        }
      }
      for (let k = from; k < to; k++) vectors[i * length + k]! *= scale;
    }
  }
}
