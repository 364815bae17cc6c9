import { ArgminError } from "./errors.ts";
import { createMatrix, identityMatrix, requireSquare, shapeOf, transpose, type Matrix } from "./matrix.ts";

/** a = V diag(values) V^T. */
export interface SymmetricEigen {
  /** Eigenvalues, smallest first. */
  readonly values: Float64Array;
  /** Orthonormal eigenvectors, one a column, in the order of the values. */
  readonly vectors: Matrix;
}

/** More sweeps than any matrix of finite numbers needs: two or three an eigenvalue are usual. */
const sweepsPerValue = 60;
/** Squares of entries this small beside a matrix scaled to 1 are taken as 0: their reciprocals would overflow. */
const negligibleSquare = 1e-280;

/**
 * All eigenvalues and eigenvectors of a symmetric matrix; only its lower triangle is read.
 *
 * @remarks Householder's reduction to tridiagonal form, then implicit QR steps with Wilkinson's shift (Golub and Van Loan,
 * 8.3). About 9 n^3 operations, meant for sizes up to some 500.
 * @throws ArgminError `matrix/shape` if a is not square, `value/invalid` if it holds NaN or infinities.
 */
export function eigenSymmetric(a: Matrix): SymmetricEigen {
  requireSquare(a, "An eigen-decomposition");
  const n = a.rows;
  let scale = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const size = Math.abs(a.data[i * n + j]!);
      if (!(size < Infinity)) {
        throw new ArgminError(
          "value/invalid",
          `The ${shapeOf(a)} matrix holds ${a.data[i * n + j]}; eigenvalues need finite numbers.`,
        );
      }
      scale = Math.max(scale, size);
    }
  }
  if (scale === 0) return { values: new Float64Array(n), vectors: identityMatrix(n) };
  // Scaled to 1, so that no square overflows or underflows on the way.
  const { diagonal, beside, rows } = tridiagonalise(a, scale);
  diagonaliseTridiagonal(diagonal, beside, rows);
  const order = Array.from(diagonal.keys()).toSorted((i, j) => diagonal[i]! - diagonal[j]!);
  const sorted = createMatrix(n, n);
  order.forEach((from, to) => sorted.data.set(rows.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (i) => diagonal[i]! * scale), vectors: transpose(sorted) };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i stands between the diagonal's entries i and i + 1; the last is 0. */
  readonly beside: Float64Array;
  /** The orthogonal transformation's transpose: eigenvectors grow in its rows, which lie together in memory. */
  readonly rows: Float64Array;
}

function tridiagonalise(a: Matrix, scale: number): Tridiagonal {
  const n = a.rows;
  const m = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) m[i * n + j] = m[j * n + i] = a.data[i * n + j]! / scale;
  }
  const rows = identityMatrix(n).data;
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  const beside = new Float64Array(n);
  for (let k = 0; k + 1 < n; k++) {
    let square = 0;
    for (let i = k + 2; i < n; i++) square += m[k * n + i]! ** 2;
    const head = m[k * n + k + 1]!;
    if (square < negligibleSquare) {
      beside[k] = head;
      continue;
    }
    const length = Math.sqrt(square + head * head);
    const target = head > 0 ? -length : length;
    beside[k] = target;
    v[k + 1] = head - target;
    for (let i = k + 2; i < n; i++) v[i] = m[k * n + i]!;
    const strength = 2 / (square + (head - target) ** 2);
    applyFromBothSides(m, n, k + 1, v, p, strength);
    reflectRows(rows, n, k + 1, v, p, strength);
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => m[i * n + i]!), beside, rows };
}

/** H m H for H = I - strength v v^T on the rows and columns from `start` on, by one symmetric rank-2 update. */
function applyFromBothSides(m: Float64Array, n: number, start: number, v: Float64Array, p: Float64Array, strength: number): void {
  let vp = 0;
  for (let i = start; i < n; i++) {
    let sum = 0;
    for (let j = start; j < n; j++) sum += m[i * n + j]! * v[j]!;
    p[i] = strength * sum;
    vp += v[i]! * p[i]!;
  }
  const share = 0.5 * strength * vp;
  for (let i = start; i < n; i++) p[i]! -= share * v[i]!;
  for (let i = start; i < n; i++) {
    const vi = v[i]!;
    const pi = p[i]!;
    for (let j = start; j < n; j++) m[i * n + j]! -= vi * p[j]! + pi * v[j]!;
  }
}

/** H rows: the rows from `start` on are reflected. */
function reflectRows(rows: Float64Array, n: number, start: number, v: Float64Array, sums: Float64Array, strength: number): void {
  sums.fill(0);
  for (let i = start; i < n; i++) {
    const vi = v[i]!;
    for (let j = 0; j < n; j++) sums[j]! += vi * rows[i * n + j]!;
  }
  for (let i = start; i < n; i++) {
    const factor = strength * v[i]!;
    for (let j = 0; j < n; j++) rows[i * n + j]! -= factor * sums[j]!;
  }
}

function diagonaliseTridiagonal(diagonal: Float64Array, beside: Float64Array, rows: Float64Array): void {
  const n = diagonal.length;
  let end = n - 1;
  for (let sweeps = n * sweepsPerValue; end > 0; sweeps--) {
    if (sweeps === 0) throw new Error("internal: the QR iteration did not converge");
    for (let i = 0; i < end; i++) {
      if (Math.abs(beside[i]!) <= Number.EPSILON * (Math.abs(diagonal[i]!) + Math.abs(diagonal[i + 1]!))) beside[i] = 0;
    }
    while (end > 0 && beside[end - 1] === 0) end--;
    let start = end;
    while (start > 0 && beside[start - 1] !== 0) start--;
    if (start < end) qrStep(diagonal, beside, rows, start, end);
  }
}

/** One implicit QR step with Wilkinson's shift on the unreduced block from `start` to `end` (algorithm 8.3.2). */
function qrStep(diagonal: Float64Array, beside: Float64Array, rows: Float64Array, start: number, end: number): void {
  const n = diagonal.length;
  const gap = 0.5 * (diagonal[end - 1]! - diagonal[end]!);
  const last = beside[end - 1]!;
  const shift = diagonal[end]! - (last * last) / (gap + (gap < 0 ? -1 : 1) * Math.hypot(gap, last));
  let x = diagonal[start]! - shift;
  let z = beside[start]!;
  for (let k = start; k < end; k++) {
    const length = Math.hypot(x, z);
    const cosine = length === 0 ? 1 : x / length;
    const sine = length === 0 ? 0 : z / length;
    if (k > start) beside[k - 1] = length;
    const upper = diagonal[k]!;
    const lower = diagonal[k + 1]!;
    const side = beside[k]!;
    const mixed = 2 * cosine * sine * side;
    diagonal[k] = cosine * cosine * upper + mixed + sine * sine * lower;
    diagonal[k + 1] = sine * sine * upper - mixed + cosine * cosine * lower;
    beside[k] = cosine * sine * (lower - upper) + (cosine * cosine - sine * sine) * side;
    x = beside[k]!;
    if (k + 1 < end) {
      z = sine * beside[k + 1]!;
      beside[k + 1]! *= cosine;
    }
    for (let j = k * n; j < (k + 1) * n; j++) {
      const first = rows[j]!;
      const second = rows[j + n]!;
      rows[j] = cosine * first + sine * second;
      rows[j + n] = cosine * second - sine * first;
    }
  }
}
