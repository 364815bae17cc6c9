import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationTicks, linearTicks, logTicks } from "../../src/scale/ticks.ts";

const range = fc
  .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-6, max: 1e6, noNaN: true }))
  .map(([low, span]) => [low, low + span] as const)
  .filter(([low, high]) => high - low > 1e-9 * Math.abs(low));
const count = fc.integer({ min: 5, max: 20 });

/** Ascending, inside the range give or take rounding, and no more than asked for. */
function expectTicks(ticks: readonly number[], [low, high]: readonly [number, number], most: number): void {
  const slack = (high - low) * 1e-6;
  expect(ticks.length).toBeLessThanOrEqual(most);
  expect(ticks.every((tick) => tick >= low - slack && tick <= high + slack)).toBe(true);
  expect(ticks.every((tick, i) => i === 0 || tick > ticks[i - 1]!)).toBe(true);
}

describe("linear ticks", () => {
  it("lie inside, evenly, and make use of the room there is", () => {
    fc.assert(
      fc.property(range, count, ([low, high], most) => {
        const ticks = linearTicks(low, high, most);
        expectTicks(ticks, [low, high], most);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        const gaps = ticks.slice(1).map((tick, i) => tick - ticks[i]!);
        expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThan(1e-6 * (high - low));
      }),
    );
  });

  it("are written without noise in the last digit", () => {
    expect(linearTicks(0, 0.6, 7)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
    expect(linearTicks(-3, 3, 4)).toEqual([-2, 0, 2]);
    expect(linearTicks(1234, 98_765, 6)).toEqual([20_000, 40_000, 60_000, 80_000]);
  });

  it("are whole numbers where halves mean nothing", () => {
    expect(linearTicks(0, 3, 20, { isWhole: true })).toEqual([0, 1, 2, 3]);
  });
});

describe("logarithmic ticks", () => {
  it("are powers of ten where there are many of them", () => {
    expect(logTicks(1e-5, 0.1, 6)).toEqual([1e-5, 1e-4, 1e-3, 0.01, 0.1]);
    expect(logTicks(1e-12, 1, 4)).toEqual([1e-12, 1e-8, 1e-4, 1]);
    expect(logTicks(0.01, 1, 10)).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]);
  });

  it("are those of a linear scale within a decade", () => {
    expect(logTicks(0.6, 1.65, 6)).toEqual([0.6, 0.8, 1, 1.2, 1.4, 1.6]);
  });

  it("leave no end of the axis bare where even steps would", () => {
    expect(logTicks(0.27, 3.67, 5)).toEqual([0.5, 1, 2]);
    expect(logTicks(0.55, 1.82, 3)).toEqual([0.7, 1, 1.5]);
  });

  it("lie inside whatever the range", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -12, max: 12, noNaN: true }),
        fc.double({ min: 0.1, max: 20, noNaN: true }),
        count,
        (low, decades, most) => {
          const [from, to] = [10 ** low, 10 ** (low + decades)];
          expectTicks(logTicks(from, to, most), [from, to], most);
        },
      ),
    );
  });
});

describe("ticks of durations", () => {
  it("are steps that people count time in", () => {
    expect(durationTicks(0, 60_000, 7)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    expect(durationTicks(0, 3_600_000, 7)).toEqual([0, 600_000, 1_200_000, 1_800_000, 2_400_000, 3_000_000, 3_600_000]);
    expect(durationTicks(0, 86_400_000 * 900, 4).length).toBeGreaterThan(1);
  });

  it("lie inside whatever the span", () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), count, (span, most) => {
        const ticks = durationTicks(0, span, most);
        expectTicks(ticks, [0, span], most);
        expect(ticks.length).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
