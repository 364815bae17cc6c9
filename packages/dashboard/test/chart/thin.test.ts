import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { thinned } from "../../src/chart/thin.ts";

const trials = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 300 })
  .map((ranks) => ranks.map((rank, number) => ({ rank, number })));

describe("thinning", () => {
  it("keeps the best, the order, and no more than it may", () => {
    fc.assert(
      fc.property(trials, fc.integer({ min: 2, max: 100 }), (all, most) => {
        const { kept, note } = thinned(all, most);
        expect(kept.length).toBe(Math.min(all.length, most));
        expect(note === undefined).toBe(all.length <= most);
        expect(kept.every(({ number }, i) => i === 0 || number > kept[i - 1]!.number)).toBe(true);
        const best = Math.max(0, ...all.map(({ rank }) => rank));
        expect(all.length === 0 || kept.some(({ rank }) => rank === best)).toBe(true);
      }),
    );
  });

  it("says how many of how many are drawn", () => {
    const all = Array.from({ length: 20_000 }, (_, number) => ({ number, rank: number / 20_000 }));
    expect(thinned(all, 1000).note).toBe(
      "Of 20,000 trials 1,000 are drawn: the 100 best, and of the others as many, evenly, as can be told apart.",
    );
  });
});
