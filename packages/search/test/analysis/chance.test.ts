import { describe, expect, it } from "vitest";
import { atLeast, atLeastTogether, levelOf, ranksAtLeast } from "../../src/analysis/chance.ts";
import { periodsOf } from "../../src/analysis/period.ts";
import { countBelow, ranksOf } from "../../src/analysis/ranks.ts";

describe("chance", () => {
  it("of four cups of tea named out of eight", () => {
    expect(atLeast(4, { drawn: 4, marked: 4, total: 8 })).toBeCloseTo(1 / 70, 12);
    expect(atLeast(3, { drawn: 4, marked: 4, total: 8 })).toBeCloseTo(17 / 70, 12);
    expect(atLeast(0, { drawn: 4, marked: 4, total: 8 })).toBe(1);
    expect(atLeast(2, { drawn: 6, marked: 4, total: 8 })).toBe(1);
  });

  it("of several draws together: one as by itself, two as counted by hand", () => {
    const one = { drawn: 5, marked: 7, total: 20 };
    for (const hits of [0, 1, 3, 5]) expect(atLeastTogether(hits, [one])).toBeCloseTo(atLeast(hits, one), 12);
    // One of two marked ones, and two of three: 1/2 times 1/3 for three hits, 1/2 * 1/3 + 1/2 * 2/3 for two.
    const two = [
      { drawn: 1, marked: 1, total: 2 },
      { drawn: 2, marked: 2, total: 3 },
    ];
    expect(atLeastTogether(3, two)).toBeCloseTo(1 / 6, 12);
    expect(atLeastTogether(2, two)).toBeCloseTo(4 / 6, 12);
    expect(atLeastTogether(4, two)).toBe(0);
    expect(atLeastTogether(1, [{ drawn: 0, marked: 0, total: 0 }])).toBe(0);
  });

  it("of ranks, within groups: high by the group's own measure only", () => {
    // The five highest of ten: the mean 8 lies 2.61 deviations above 5.5.
    expect(ranksAtLeast([{ sum: 40, count: 5, total: 10 }])).toBeCloseTo(0.0045, 4);
    const middling = { sum: 27.5, count: 5, total: 10 };
    expect(ranksAtLeast([middling, middling])).toBeCloseTo(0.5, 12);
    expect(ranksAtLeast([{ sum: 55, count: 10, total: 10 }])).toBe(1);
  });

  it("of several tests: 1 % each, 5 % together", () => {
    expect([1, 5, 22].map(levelOf)).toEqual([0.01, 0.01, 0.05 / 22]);
  });
});

describe("ranks", () => {
  it("share the mean of theirs where values are equal", () => {
    expect([...ranksOf(Float64Array.of(3, 1, 2, 2, -0, 0))]).toEqual([6, 3, 4.5, 4.5, 1.5, 1.5]);
    expect(ranksOf(new Float64Array(0))).toHaveLength(0);
    expect([-1, 1, 2, 9].map((value) => countBelow(value, Float64Array.of(1, 2, 2, 3)))).toEqual([0, 0, 1, 4]);
  });
});

describe("periods", () => {
  it.each([0, 1, 39, 40, 45, 1000, 20_000])("of %i trials are of like length and leave none out", (trials) => {
    const periods = periodsOf(trials);
    expect(periods[0]!.start).toBe(0);
    expect(periods.at(-1)!.end).toBe(trials);
    const lengths = periods.map(({ start, end }, i) => {
      if (i > 0) expect(start).toBe(periods[i - 1]!.end);
      return end - start;
    });
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    expect(periods.length).toBeLessThanOrEqual(10);
    if (periods.length > 1) expect(Math.min(...lengths)).toBeGreaterThanOrEqual(20);
  });
});
