import { describe, expect, it } from "vitest";
import { countRight } from "../../src/metrics/accuracy.ts";

describe("countRight", () => {
  it("takes the first of equal predictions for the largest", () => {
    const predictions = Float32Array.of(1, 2, 3, 3, 3, 1, 2, 1, 2);
    const targets = (index: number): Float32Array => Float32Array.from({ length: 9 }, (_, i) => (i % 3 === index ? 1 : 0));
    expect([0, 1, 2].map((index) => countRight(predictions, targets(index), 3, 3, undefined))).toEqual([2, 0, 1]);
  });

  it("counts the share of the units that are on the right side of a threshold", () => {
    expect(countRight(Float32Array.of(0.4, 0.5, 0.6, 0.6), Float32Array.of(0, 0, 1, 0), 2, 2, 0.5)).toBe(1.5);
  });

  it("holds what is no number for wrong", () => {
    const nothing = new Float32Array(4).fill(NaN);
    expect(countRight(nothing, Float32Array.of(1, 0, 0, 1), 2, 2, undefined)).toBe(0);
    expect(countRight(Float32Array.of(1, NaN, NaN, 1), Float32Array.of(1, 0, 0, 1), 2, 2, undefined)).toBe(0);
    expect(countRight(nothing, Float32Array.of(1, 0, 0, 1), 2, 2, 0.5)).toBe(0);
  });
});
