import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cholesky,
  choleskyIfAny,
  createMatrix,
  eigenSymmetric,
  gramOfLower,
  identityMatrix,
  invertLower,
  isArgminError,
  leastSquares,
  logDeterminant,
  multiply,
  multiplyVector,
  Rng,
  solveCholesky,
  solveLower,
  solveLowerTransposed,
  solveUpper,
  transpose,
  type Matrix,
} from "@argmin/base";
import { expectClose, goldenCases, numberOf, numbersOf, type Tree } from "./golden.ts";

function matrixOf(tree: Tree | undefined): Matrix {
  if (typeof tree !== "object") throw new Error("expected rows");
  const rows = tree.map(numbersOf);
  return createMatrix(rows.length, rows[0]!.length, rows.flat());
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

function randomMatrix(rows: number, columns: number, seed: number): Matrix {
  const rng = Rng.fromSeed(seed);
  return createMatrix(
    rows,
    columns,
    Array.from({ length: rows * columns }, () => rng.normal()),
  );
}

const size = fc.integer({ min: 1, max: 12 });
const seed = fc.nat(1e6);

describe("matrices", () => {
  it("multiply and transpose as in the definition", () => {
    const a = createMatrix(2, 3, [1, 2, 3, 4, 5, 6]);
    const b = createMatrix(3, 1, [7, 8, 9]);
    expect([...multiply(a, b).data]).toEqual([50, 122]);
    expect([...multiplyVector(a, b.data)]).toEqual([50, 122]);
    expect(transpose(a)).toEqual(createMatrix(3, 2, [1, 4, 2, 5, 3, 6]));
    expect(multiply(identityMatrix(2), a)).toEqual(a);
    expect(createMatrix(0, 5).data).toHaveLength(0);
  });

  it("obey (a b)^T = b^T a^T", () => {
    fc.assert(
      fc.property(size, size, size, seed, (n, m, k, s) => {
        const a = randomMatrix(n, m, s);
        const b = randomMatrix(m, k, s + 1);
        const left = transpose(multiply(a, b));
        expect(largestDifference(left.data, multiply(transpose(b), transpose(a)).data)).toBeLessThan(1e-13);
      }),
    );
  });

  it("keep a Float64Array and copy anything else", () => {
    const values = Float64Array.of(1, 2);
    expect(createMatrix(1, 2, values).data).toBe(values);
  });

  it("refuse sizes that do not agree, naming them", () => {
    const wide = createMatrix(2, 3);
    const b = new Float64Array(4);
    const shape = expect.toSatisfy((e) => isArgminError(e, "matrix/shape"));
    expect(() => createMatrix(2, 2, [1, 2, 3])).toThrow("A 2x2 matrix has 4 entries, not 3.");
    for (const wrong of [
      () => createMatrix(1.5, 2),
      () => createMatrix(-1, 2),
      () => multiply(wide, wide),
      () => multiplyVector(wide, b),
      () => cholesky(wide),
      () => eigenSymmetric(wide),
      () => solveLower(wide, b),
      () => solveLower(identityMatrix(3), b),
      () => solveLowerTransposed(identityMatrix(3), b),
      () => solveUpper(identityMatrix(3), b),
      () => logDeterminant(wide),
      () => leastSquares(wide, b),
      () => leastSquares(wide, new Float64Array(2)),
    ]) {
      expect(wrong).toThrow(shape);
    }
  });
});

describe("Cholesky", () => {
  it("agrees with SciPy and mpmath", () => {
    for (const [a, b, factor, x, determinant] of goldenCases("matrix.json", "solve")) {
      const l = cholesky(matrixOf(a));
      expect(largestDifference(l.data, matrixOf(factor).data)).toBeLessThan(1e-12);
      const solution = solveCholesky(l, Float64Array.from(numbersOf(b)));
      // The Hilbert matrix of order 5 has condition 5e5.
      numbersOf(x).forEach((wanted, i) => expectClose(solution[i]!, wanted, 1e-10, `x[${i}]`, 1e-12));
      expectClose(logDeterminant(l), numberOf(determinant), 1e-11, "log determinant");
    }
  });

  it("gives back the matrix and solves its systems", () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const half = randomMatrix(n, n + 2, s);
        const a = multiply(half, transpose(half));
        for (let i = 0; i < n; i++) a.data[i * n + i]! += 1;
        const l = cholesky(a);
        expect(largestDifference(multiply(l, transpose(l)).data, a.data)).toBeLessThan(1e-12);
        const b = randomMatrix(n, 1, s + 1).data;
        expect(largestDifference(multiplyVector(a, solveCholesky(l, b)), b)).toBeLessThan(1e-11);
        expect(largestDifference(solveUpper(transpose(l), b), solveLowerTransposed(l, b))).toBeLessThan(1e-12);
      }),
    );
  });

  it("inverts triangular factors, and by them the matrix", () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const half = randomMatrix(n, n + 2, s);
        const a = multiply(half, transpose(half));
        for (let i = 0; i < n; i++) a.data[i * n + i]! += 1;
        const l = cholesky(a);
        const inverse = invertLower(l);
        expect(largestDifference(multiply(inverse, l).data, identityMatrix(n).data)).toBeLessThan(1e-11);
        const gram = gramOfLower(inverse);
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(gram.data[i * n + j]).toBe(0);
        for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) gram.data[j * n + i] = gram.data[i * n + j]!;
        expect(largestDifference(multiply(gram, a).data, identityMatrix(n).data)).toBeLessThan(1e-10);
      }),
    );
  });

  it("refuses a matrix that is not positive definite", () => {
    const wrong = expect.toSatisfy((e) => isArgminError(e, "matrix/not-positive-definite"));
    expect(() => cholesky(createMatrix(2, 2, [1, 2, 2, 1]))).toThrow(wrong);
    expect(() => cholesky(createMatrix(1, 1))).toThrow(wrong);
    expect(() => cholesky(createMatrix(1, 1, [NaN]))).toThrow(wrong);
    expect(() => cholesky(createMatrix(1, 1, [Infinity]))).toThrow(wrong);
    expect(choleskyIfAny(createMatrix(1, 1, Float64Array.of(-1)))).toBeUndefined();
    expect(choleskyIfAny(createMatrix(1, 1, Float64Array.of(4)))?.data[0]).toBe(2);
  });
});

describe("eigenSymmetric", () => {
  function expectDecomposition(a: Matrix, tolerance: number): void {
    const n = a.rows;
    const { values, vectors } = eigenSymmetric(a);
    const scale = a.data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-300);
    const scaled = createMatrix(n, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) scaled.data[i * n + j] = vectors.data[i * n + j]! * (values[j]! / scale);
    }
    const rebuilt = multiply(scaled, transpose(vectors)).data;
    const wanted = a.data.map((x) => x / scale);
    expect(largestDifference(rebuilt, wanted)).toBeLessThan(tolerance);
    expect(largestDifference(multiply(transpose(vectors), vectors).data, identityMatrix(n).data)).toBeLessThan(tolerance);
    expect([...values]).toEqual([...values].sort((x, y) => x - y));
  }

  it("has mpmath's eigenvalues", () => {
    for (const [a, wanted] of goldenCases("matrix.json", "eigen")) {
      const matrix = matrixOf(a);
      const largest = Math.max(...numbersOf(wanted).map(Math.abs));
      const { values } = eigenSymmetric(matrix);
      numbersOf(wanted).forEach((value, i) => expectClose(values[i]!, value, 0, `value ${i}`, 1e-14 * largest));
      expectDecomposition(matrix, 1e-13);
    }
  });

  it("gives back random matrices", () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const half = randomMatrix(n, n, s);
        const a = createMatrix(
          n,
          n,
          half.data.map((x, i) => x + transpose(half).data[i]!),
        );
        expectDecomposition(a, 1e-13);
      }),
    );
  });

  it("copes with wide ranges, repeated values and a hundred rows", () => {
    expectDecomposition(createMatrix(3, 3, [1, 1e-160, 1e-160, 1e-160, 1, 1e-160, 1e-160, 1e-160, 1]), 1e-14);
    expectDecomposition(createMatrix(3, 3, [1e8, 1, 0, 1, 1e-8, 1e-9, 0, 1e-9, -1e-8]), 1e-14);
    const rows = randomMatrix(100, 3, 5);
    expectDecomposition(multiply(rows, transpose(rows)), 1e-13);
    expect(eigenSymmetric(createMatrix(0, 0)).values).toHaveLength(0);
  });

  it("reads the lower triangle only and refuses what is not finite", () => {
    const { values } = eigenSymmetric(createMatrix(2, 2, [0, NaN, 1, 0]));
    expect(largestDifference(values, [-1, 1])).toBeLessThan(1e-15);
    expect(() => eigenSymmetric(createMatrix(1, 1, [NaN]))).toThrow(expect.toSatisfy((e) => isArgminError(e, "value/invalid")));
  });
});

describe("leastSquares", () => {
  it("agrees with mpmath", () => {
    for (const [a, b, x] of goldenCases("matrix.json", "leastSquares")) {
      const solution = leastSquares(matrixOf(a), Float64Array.from(numbersOf(b)));
      numbersOf(x).forEach((wanted, i) => expectClose(solution[i]!, wanted, 1e-12, `x[${i}]`, 1e-14));
    }
  });

  it("leaves a remainder at right angles to every column", () => {
    fc.assert(
      fc.property(size, size, seed, (n, extra, s) => {
        const a = randomMatrix(n + extra, n, s);
        const b = randomMatrix(n + extra, 1, s + 1).data;
        const fitted = multiplyVector(a, leastSquares(a, b));
        const rest = b.map((value, i) => value - fitted[i]!);
        expect(largestDifference(multiplyVector(transpose(a), rest), new Float64Array(n))).toBeLessThan(1e-9);
      }),
    );
  });

  it("names the column that depends on others", () => {
    const a = createMatrix(3, 2, [1, 2, 2, 4, 3, 6]);
    expect(() => leastSquares(a, new Float64Array(3))).toThrow(/Column 2 of the 3x2 matrix/);
    expect(() => leastSquares(createMatrix(2, 1), new Float64Array(2))).toThrow(
      expect.toSatisfy((e) => isArgminError(e, "matrix/singular")),
    );
  });
});
