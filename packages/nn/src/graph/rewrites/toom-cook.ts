/**
 * @file Toom and Cook's fast correlations of short signals, which Winograd's convolutions are made of
 * (Lavin and Gray, 2015, "Fast algorithms for convolutional neural networks").
 */

/** Row-major numbers of a small matrix. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** y = output ((kernel g) ∘ (signal d)) is the correlation of d with g: y_i = Σ_k g_k d_(i+k). */
export interface FastCorrelation {
  /** Bᵀ, n x n. */
  readonly signal: Matrix;
  /** G, n x taps. */
  readonly kernel: Matrix;
  /** Aᵀ, outputs x n. */
  readonly output: Matrix;
}

/** Where polynomials are evaluated, beside infinity; this order loses the fewest digits (Barabasz et al., 2018). */
const points: readonly number[] = [0, -1, 1, 0.5, -2, 2];

/** The most elements of a signal that `points` reach. */
export const LONGEST_SIGNAL = points.length + 1;

/**
 * The correlation of n = outputs + taps - 1 elements with a kernel of `taps` by n multiplications instead of outputs * taps.
 *
 * A product of two polynomials is known from its values at n - 1 points and its leading coefficient:
 * s(x) = Σ_j s(p_j) L_j(x) + s_∞ Π_l (x - p_l) with L_j(x) = Π_(l≠j) (x - p_l) / (p_j - p_l). Values of the factors are A and G,
 * the coefficients of L_j are B; correlation is the transpose of multiplication. The divisors are put into G.
 */
export function fastCorrelation(outputs: number, taps: number): FastCorrelation {
  const n = outputs + taps - 1;
  if (n > LONGEST_SIGNAL) throw new Error(`internal: no points for signals of ${n}`);
  const finite = points.slice(0, n - 1);
  const divisors = finite.map((p) => finite.reduce((product, q) => (q === p ? product : product * (p - q)), 1));
  const rowOf = (j: number): readonly number[] => {
    const others = finite.filter((_, l) => l !== j);
    return [...coefficients(others), ...Array<number>(n - 1 - others.length).fill(0)];
  };
  return {
    signal: matrix(n, n, (j, i) => rowOf(j)[i]!),
    kernel: matrix(n, taps, (j, k) => (j < n - 1 ? finite[j]! ** k / divisors[j]! : Number(k === taps - 1))),
    output: matrix(outputs, n, (i, j) => (j < n - 1 ? finite[j]! ** i : Number(i === outputs - 1))),
  };
}

/** Coefficients of Π (x - root), the constant first. */
function coefficients(roots: readonly number[]): readonly number[] {
  let product: readonly number[] = [1];
  for (const root of roots) {
    const factor = product;
    product = [0, ...factor].map((coefficient, i) => coefficient - root * (factor[i] ?? 0));
  }
  return product;
}

/** A matrix from a formula of its row and column. */
export function matrix(rows: number, columns: number, element: (row: number, column: number) => number): Matrix {
  const data = Float64Array.from({ length: rows * columns }, (_, i) => element(Math.floor(i / columns), i % columns));
  return { rows, columns, data };
}

/** The element of a matrix in a row and column; 0 outside. */
export function elementOf({ rows, columns, data }: Matrix, row: number, column: number): number {
  return row >= 0 && row < rows && column >= 0 && column < columns ? data[row * columns + column]! : 0;
}
