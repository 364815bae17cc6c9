import { ArgminError } from "./errors.ts";

/** A dense real matrix: `data[row * columns + column]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/**
 * A matrix of zeros, or of `values` in row-major order (a `Float64Array` is kept, anything else copied).
 *
 * @throws ArgminError `matrix/shape` if the sizes are no whole numbers or do not agree.
 */
export function createMatrix(rows: number, columns: number, values?: ArrayLike<number>): Matrix {
  if (!Number.isSafeInteger(rows) || !Number.isSafeInteger(columns) || rows < 0 || columns < 0) {
    throw new ArgminError("matrix/shape", `A matrix has whole numbers of rows and columns, not ${rows}x${columns}.`);
  }
  if (values === undefined) return { rows, columns, data: new Float64Array(rows * columns) };
  if (values.length !== rows * columns) {
    throw new ArgminError("matrix/shape", `A ${rows}x${columns} matrix has ${rows * columns} entries, not ${values.length}.`);
  }
  return { rows, columns, data: values instanceof Float64Array ? values : Float64Array.from(values) };
}

/** The matrix with ones on its diagonal and zeros elsewhere. */
export function identityMatrix(size: number): Matrix {
  const result = createMatrix(size, size);
  for (let i = 0; i < size; i++) result.data[i * size + i] = 1;
  return result;
}

/** The matrix mirrored at its diagonal. */
export function transpose(a: Matrix): Matrix {
  const result = createMatrix(a.columns, a.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) result.data[j * a.rows + i] = a.data[i * a.columns + j]!;
  }
  return result;
}

/**
 * The product a b.
 *
 * @throws ArgminError `matrix/shape` if a has not as many columns as b has rows.
 */
export function multiply(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.rows) {
    throw new ArgminError("matrix/shape", `Cannot multiply ${shapeOf(a)} by ${shapeOf(b)}: columns and rows must agree.`);
  }
  const result = createMatrix(a.rows, b.columns);
  const width = b.columns;
  for (let i = 0; i < a.rows; i++) {
    const sums = result.data.subarray(i * width, (i + 1) * width);
    for (let k = 0; k < a.columns; k++) {
      const factor = a.data[i * a.columns + k]!;
      const row = b.data.subarray(k * width, (k + 1) * width);
      for (let j = 0; j < width; j++) sums[j]! += factor * row[j]!;
    }
  }
  return result;
}

/**
 * The product a x of a matrix and a column.
 *
 * @throws ArgminError `matrix/shape` if x has not one entry a column of a.
 */
export function multiplyVector(a: Matrix, x: Float64Array): Float64Array {
  requireLength(x, a.columns, "A vector to multiply");
  const result = new Float64Array(a.rows);
  for (let i = 0; i < a.rows; i++) {
    let sum = 0;
    for (let j = 0; j < a.columns; j++) sum += a.data[i * a.columns + j]! * x[j]!;
    result[i] = sum;
  }
  return result;
}

/** "3x4", for messages. */
export function shapeOf(a: Matrix): string {
  return `${a.rows}x${a.columns}`;
}

/**
 * Checks the length of a vector.
 *
 * @throws ArgminError `matrix/shape`
 */
export function requireLength(x: Float64Array, length: number, what: string): void {
  if (x.length !== length) {
    throw new ArgminError("matrix/shape", `${what} needs ${length} entries, not ${x.length}.`);
  }
}

/**
 * Checks that a matrix has as many rows as columns.
 *
 * @throws ArgminError `matrix/shape`
 */
export function requireSquare(a: Matrix, what: string): void {
  if (a.rows !== a.columns) throw new ArgminError("matrix/shape", `${what} needs a square matrix, not ${shapeOf(a)}.`);
}
