import { ArgminError, isArgminError } from "./errors.ts";
import { dotOfParts } from "./dot.ts";
import { createMatrix, requireLength, requireSquare, shapeOf, type Matrix } from "./matrix.ts";

/**
 * The lower triangular L with L L^T = a (Golub and Van Loan, "Matrix Computations", 4.2); only a's lower triangle is read.
 *
 * @throws ArgminError `matrix/not-positive-definite` if a has no such factor, `matrix/shape` if it is not square.
 */
export function cholesky(a: Matrix): Matrix {
  requireSquare(a, "A Cholesky factorisation");
  const n = a.rows;
  const result = createMatrix(n, n);
  const l = result.data;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let j = 0;
    // Four columns at a time: row i is read once for all of them.
    for (; j + 3 < i; j += 4) {
      const at = j * n;
      let [s0, s1, s2, s3] = [a.data[row + j]!, a.data[row + j + 1]!, a.data[row + j + 2]!, a.data[row + j + 3]!];
      for (let k = 0; k < j; k++) {
        const factor = l[row + k]!;
        s0 -= factor * l[at + k]!;
        s1 -= factor * l[at + n + k]!;
        s2 -= factor * l[at + 2 * n + k]!;
        s3 -= factor * l[at + 3 * n + k]!;
      }
      const x0 = s0 / l[at + j]!;
      const x1 = (s1 - x0 * l[at + n + j]!) / l[at + n + j + 1]!;
      const x2 = (s2 - x0 * l[at + 2 * n + j]! - x1 * l[at + 2 * n + j + 1]!) / l[at + 2 * n + j + 2]!;
      const last = at + 3 * n + j;
      l[row + j] = x0;
      l[row + j + 1] = x1;
      l[row + j + 2] = x2;
      l[row + j + 3] = (s3 - x0 * l[last]! - x1 * l[last + 1]! - x2 * l[last + 2]!) / l[last + 3]!;
    }
    for (; j < i; j++) l[row + j] = (a.data[row + j]! - dotOfParts(l, row, l, j * n, j)) / l[j * n + j]!;
    const pivot = a.data[row + i]! - dotOfParts(l, row, l, row, i);
    if (!(pivot > 0 && pivot < Infinity))
      throw new ArgminError(
        "matrix/not-positive-definite",
        `The ${shapeOf(a)} matrix is not positive definite: pivot ${i + 1} is ${pivot}; add a small number to its diagonal.`,
      );
    l[row + i] = Math.sqrt(pivot);
  }
  return result;
}

/** As `cholesky`, but `undefined` where there is no such factor. */
export function choleskyIfAny(a: Matrix): Matrix | undefined {
  try {
    return cholesky(a);
  } catch (error) {
    if (isArgminError(error, "matrix/not-positive-definite")) return undefined;
    throw error;
  }
}

/**
 * The inverse of a lower triangular L, itself lower triangular.
 *
 * @throws ArgminError `matrix/shape` if L is not square.
 */
export function invertLower(l: Matrix): Matrix {
  requireSquare(l, "A triangular inverse");
  const { rows: n, data } = l;
  const result = createMatrix(n, n);
  const x = result.data;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let k = 0;
    // Four rows at a time: what is summed up is read and written once for all of them. They are zero beyond their diagonals.
    for (; k + 3 < i; k += 4) {
      const at = k * n;
      const [a, b, c, d] = [data[row + k]!, data[row + k + 1]!, data[row + k + 2]!, data[row + k + 3]!];
      for (let j = 0; j <= k + 3; j++) {
        x[row + j]! -= a * x[at + j]! + b * x[at + n + j]! + c * x[at + 2 * n + j]! + d * x[at + 3 * n + j]!;
      }
    }
    for (; k < i; k++) {
      const factor = data[row + k]!;
      for (let j = 0; j <= k; j++) x[row + j]! -= factor * x[k * n + j]!;
    }
    const scale = 1 / data[row + i]!;
    for (let j = 0; j < i; j++) x[row + j]! *= scale;
    x[row + i] = scale;
  }
  return result;
}

/**
 * The lower triangle of X^T X for a lower triangular X, zeros above: of X = L^-1 it is the inverse of L L^T.
 *
 * @throws ArgminError `matrix/shape` if X is not square.
 */
export function gramOfLower(x: Matrix): Matrix {
  requireSquare(x, "A triangular product");
  const { rows: n, data } = x;
  const result = createMatrix(n, n);
  const sums = result.data;
  let k = 0;
  for (; k + 3 < n; k += 4) {
    const at = k * n;
    for (let i = 0; i <= k + 3; i++) {
      const [a, b, c, d] = [data[at + i]!, data[at + n + i]!, data[at + 2 * n + i]!, data[at + 3 * n + i]!];
      for (let j = 0; j <= i; j++) {
        sums[i * n + j]! += a * data[at + j]! + b * data[at + n + j]! + c * data[at + 2 * n + j]! + d * data[at + 3 * n + j]!;
      }
    }
  }
  for (; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      const factor = data[k * n + i]!;
      for (let j = 0; j <= i; j++) sums[i * n + j]! += factor * data[k * n + j]!;
    }
  }
  return result;
}

/**
 * The x with L x = b, for a lower triangular L.
 *
 * @throws ArgminError `matrix/shape` if the sizes do not agree.
 */
export function solveLower(l: Matrix, b: Float64Array): Float64Array {
  requireSquare(l, "A triangular system");
  requireLength(b, l.rows, "A right-hand side");
  const n = l.rows;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= l.data[i * n + k]! * x[k]!;
    x[i] = sum / l.data[i * n + i]!;
  }
  return x;
}

/**
 * The x with L^T x = b, for a lower triangular L.
 *
 * @throws ArgminError `matrix/shape` if the sizes do not agree.
 */
export function solveLowerTransposed(l: Matrix, b: Float64Array): Float64Array {
  requireSquare(l, "A triangular system");
  requireLength(b, l.rows, "A right-hand side");
  const n = l.rows;
  const x = Float64Array.from(b);
  // By rows of L, so that memory is read in order.
  for (let i = n - 1; i >= 0; i--) {
    const solved = x[i]! / l.data[i * n + i]!;
    x[i] = solved;
    for (let k = 0; k < i; k++) x[k]! -= l.data[i * n + k]! * solved;
  }
  return x;
}

/**
 * The x with U x = b, for an upper triangular U.
 *
 * @throws ArgminError `matrix/shape` if the sizes do not agree.
 */
export function solveUpper(u: Matrix, b: Float64Array): Float64Array {
  requireSquare(u, "A triangular system");
  requireLength(b, u.rows, "A right-hand side");
  const n = u.rows;
  const x = Float64Array.from(b);
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < n; k++) sum -= u.data[i * n + k]! * x[k]!;
    x[i] = sum / u.data[i * n + i]!;
  }
  return x;
}

/** The x with L L^T x = b, for the factor L that `cholesky` gave. */
export function solveCholesky(l: Matrix, b: Float64Array): Float64Array {
  return solveLowerTransposed(l, solveLower(l, b));
}

/** log det(L L^T), for the factor L that `cholesky` gave. */
export function logDeterminant(l: Matrix): number {
  requireSquare(l, "A determinant");
  let sum = 0;
  for (let i = 0; i < l.rows; i++) sum += Math.log(l.data[i * l.columns + i]!);
  return 2 * sum;
}

/**
 * The x that makes |a x - b| least, by Householder's orthogonal triangularisation (Golub and Van Loan, 5.3.2).
 *
 * @throws ArgminError `matrix/singular` if a's columns are linearly dependent, `matrix/shape` if it has fewer rows than columns.
 */
export function leastSquares(a: Matrix, b: Float64Array): Float64Array {
  const { rows, columns } = a;
  requireLength(b, rows, "A right-hand side");
  if (rows < columns) {
    throw new ArgminError("matrix/shape", `Least squares needs at least as many rows as columns, not ${shapeOf(a)}.`);
  }
  const r = Float64Array.from(a.data);
  const y = Float64Array.from(b);
  const triangle = createMatrix(columns, columns);
  const reflector = new Float64Array(rows);
  for (let k = 0; k < columns; k++) {
    let whole = 0;
    let below = 0;
    for (let i = 0; i < rows; i++) {
      const size = Math.abs(r[i * columns + k]!);
      whole = Math.hypot(whole, size);
      if (i >= k) below = Math.hypot(below, size);
    }
    // Reflections keep a column's length, so `whole` is the length it came with.
    if (!(below > whole * rows * Number.EPSILON)) {
      throw new ArgminError(
        "matrix/singular",
        `Column ${k + 1} of the ${shapeOf(a)} matrix is a combination of those before it; leave it out.`,
      );
    }
    const head = r[k * columns + k]!;
    const diagonal = head > 0 ? -below : below;
    // The reflector is scaled by its first entry, which is then 1.
    for (let i = k + 1; i < rows; i++) reflector[i] = r[i * columns + k]! / (head - diagonal);
    const strength = (diagonal - head) / diagonal;
    for (let j = k; j <= columns; j++) {
      const [column, stride, offset] = j < columns ? ([r, columns, j] as const) : ([y, 1, 0] as const);
      let dot = column[k * stride + offset]!;
      for (let i = k + 1; i < rows; i++) dot += reflector[i]! * column[i * stride + offset]!;
      dot *= strength;
      column[k * stride + offset]! -= dot;
      for (let i = k + 1; i < rows; i++) column[i * stride + offset]! -= dot * reflector[i]!;
    }
    for (let j = k; j < columns; j++) triangle.data[k * columns + j] = r[k * columns + j]!;
  }
  return solveUpper(triangle, y.subarray(0, columns));
}
