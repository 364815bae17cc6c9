import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cholesky, createMatrix, minimizeInBox, multiply, Rng, solveCholesky, transpose } from "@argmin/base";

const unbounded = (n: number) => ({ lower: Array.from({ length: n }, () => -1e9), upper: Array.from({ length: n }, () => 1e9) });

/** Rosenbrock's valley of any dimension; its least value, 0, is where all coordinates are 1. */
function rosenbrock(x: Float64Array, gradient: Float64Array): number {
  let sum = 0;
  gradient.fill(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [x[i]!, x[i + 1]!];
    sum += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
    gradient[i]! += -400 * a * (b - a * a) - 2 * (1 - a);
    gradient[i + 1]! += 200 * (b - a * a);
  }
  return sum;
}

/** x^T A x / 2 - b^T x with a random positive definite A. */
function quadratic(n: number, seed: number) {
  const rng = Rng.fromSeed(seed);
  const half = createMatrix(
    n,
    n,
    Float64Array.from({ length: n * n }, () => rng.normal()),
  );
  const a = multiply(half, transpose(half));
  for (let i = 0; i < n; i++) a.data[i * n + i]! += 0.5;
  const b = Float64Array.from({ length: n }, () => rng.normal());
  const f = (x: Float64Array, gradient: Float64Array): number => {
    let value = 0;
    for (let i = 0; i < n; i++) {
      let product = 0;
      for (let j = 0; j < n; j++) product += a.data[i * n + j]! * x[j]!;
      gradient[i] = product - b[i]!;
      value += x[i]! * (0.5 * product - b[i]!);
    }
    return value;
  };
  return { a, b, f };
}

describe("minimizeInBox", () => {
  it.each([2, 5, 20])("follows Rosenbrock's valley of %i dimensions to its end", (n) => {
    const start = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1));
    const options = { ...unbounded(n), iterations: 500, valueTolerance: 0 };
    const { x, value, evaluations } = minimizeInBox(rosenbrock, start, options);
    expect(value).toBeLessThan(1e-10);
    for (const coordinate of x) expect(coordinate).toBeCloseTo(1, 4);
    expect(evaluations).toBeLessThan(300);
  });

  it("finds the minimum of any convex parabola", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(1e6), (n, seed) => {
        const { a, b, f } = quadratic(n, seed);
        const { x } = minimizeInBox(f, new Float64Array(n), { ...unbounded(n), iterations: 400, valueTolerance: 0 });
        const exact = solveCholesky(cholesky(a), b);
        for (let i = 0; i < n; i++) expect(x[i]).toBeCloseTo(exact[i]!, 4);
      }),
      { numRuns: 40 },
    );
  });

  it("ends inside its box where no way down leads on", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(1e6), (n, seed) => {
        const { f } = quadratic(n, seed);
        const lower = Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0.1 : -0.2));
        const upper = Array.from({ length: n }, () => 0.3);
        const start = Array.from({ length: n }, (_, i) => (i % 2) * 100 - 50);
        const { x, value } = minimizeInBox(f, start, { lower, upper, iterations: 400, valueTolerance: 0 });
        const slope = new Float64Array(n);
        expect(f(x, slope)).toBe(value);
        for (let i = 0; i < n; i++) {
          expect(x[i]).toBeGreaterThanOrEqual(lower[i]!);
          expect(x[i]).toBeLessThanOrEqual(upper[i]!);
          if (x[i]! > lower[i]!) expect(slope[i]).toBeLessThan(1e-4);
          if (x[i]! < upper[i]!) expect(slope[i]).toBeGreaterThan(-1e-4);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("keeps away from where there is no value", () => {
    // log x - x has its maximum at 1 and is no number below 0.
    const f = (x: Float64Array, gradient: Float64Array): number => {
      gradient[0] = 1 - 1 / x[0]!;
      return x[0]! - Math.log(x[0]!);
    };
    expect(minimizeInBox(f, [40], unbounded(1)).x[0]).toBeCloseTo(1, 4);
    const nowhere = minimizeInBox(() => Number.NaN, [3], { lower: [0], upper: [2] });
    expect([...nowhere.x]).toEqual([2]);
    expect(nowhere.value).toBe(Infinity);
    // Nor is what falls without end a minimum.
    const falling = (x: Float64Array, gradient: Float64Array): number => {
      gradient[0] = 1 / x[0]!;
      return Math.log(x[0]!);
    };
    expect(minimizeInBox(falling, [1], { lower: [0], upper: [2] }).value).toBeGreaterThan(-Infinity);
  });

  it("stops when it has done what it was allowed", () => {
    let calls = 0;
    const counted = (x: Float64Array, gradient: Float64Array): number => {
      calls += 1;
      return rosenbrock(x, gradient);
    };
    const { value, evaluations } = minimizeInBox(counted, [-1.2, 1], { ...unbounded(2), evaluations: 10 });
    expect(evaluations).toBe(calls);
    expect(calls).toBeLessThanOrEqual(10);
    expect(value).toBeLessThan(rosenbrock(Float64Array.of(-1.2, 1), new Float64Array(2)));
  });
});
