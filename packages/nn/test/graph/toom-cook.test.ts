import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementOf, fastCorrelation, type Matrix } from "../../src/graph/rewrites/toom-cook.ts";

function times(matrix: Matrix, vector: readonly number[]): number[] {
  return Array.from({ length: matrix.rows }, (_, row) =>
    vector.reduce((sum, x, column) => sum + elementOf(matrix, row, column) * x, 0),
  );
}

describe("fastCorrelation", () => {
  it("gives the sums that it stands for", () => {
    const numbers = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), numbers, numbers, (outputs, taps, a, b) => {
        const { signal, kernel, output } = fastCorrelation(outputs, taps);
        const d = a.slice(0, outputs + taps - 1);
        const g = b.slice(0, taps);
        const products = times(signal, d).map((x, i) => x * times(kernel, g)[i]!);
        times(output, products).forEach((y, i) => {
          const wanted = g.reduce((sum, x, k) => sum + x * d[i + k]!, 0);
          expect(y).toBeCloseTo(wanted, 9);
        });
      }),
      { seed: 1 },
    );
  });

  it("has no points for longer signals", () => {
    expect(() => fastCorrelation(5, 4)).toThrow("signals of 8");
  });
});
