import { describe, expect, it } from "vitest";
import { bestOf, rankedTrials } from "../../src/chart/charted-study.ts";
import { fateOf } from "../../src/chart/fate.ts";
import type { ChartedTrial } from "@argmin/dashboard";

const complete = (number: number, value: number): ChartedTrial => ({ number, state: "complete", value, assignment: {} });

describe("ranks", () => {
  const trials = [
    complete(3, 5),
    complete(0, 1),
    complete(1, 1),
    complete(2, 9),
    complete(4, Number.NaN),
    complete(5, Number.NEGATIVE_INFINITY),
  ];

  it("are 1 of the best and 0 of the worst, of equals the same; only finite results count", () => {
    const small = rankedTrials({ trials, direction: "minimize" });
    expect(small.map(({ number, rank }) => [number, rank])).toEqual([
      [0, 1],
      [1, 1],
      [2, 0],
      [3, expect.closeTo(1 / 3, 12)],
    ]);
    expect(bestOf(small)?.number).toBe(0);
    expect(bestOf(rankedTrials({ trials, direction: "maximize" }))?.number).toBe(2);
  });

  it("are 1 where there is one trial, or all are alike", () => {
    expect(rankedTrials({ trials: [complete(0, 3)], direction: "minimize" }).map(({ rank }) => rank)).toEqual([1]);
    expect(rankedTrials({ trials: [complete(0, 3), complete(1, 3)], direction: "maximize" }).map(({ rank }) => rank)).toEqual([
      1, 1,
    ]);
  });
});

describe("what became of a trial", () => {
  it("tells those that were turned down from those that were stopped", () => {
    expect(fateOf({ number: 0, state: "pruned", assignment: {} })).toBe("rejected");
    expect(fateOf({ number: 0, state: "pruned", assignment: {}, step: 3 })).toBe("pruned");
    expect(fateOf({ number: 0, state: "pruned", assignment: {}, value: 0.3 })).toBe("pruned");
    expect(fateOf({ number: 0, state: "paused", assignment: {}, value: 0.3, step: 3 })).toBe("paused");
    expect(fateOf(complete(0, Number.NaN))).toBe("no-number");
    expect(fateOf(complete(0, 1))).toBe("complete");
  });
});
