import { Rng } from "@argmin/base";
import { finishedStates, TrialHistory } from "@argmin/search";
import fc from "fast-check";
import { expect, it } from "vitest";
import { rankingOf, splitRows } from "../../../src/sampler/tpe/split.ts";

const outcome = fc.record({
  state: fc.constantFrom(...finishedStates),
  objective: fc.constantFrom(-Infinity, -1, 0, 0.5, 2, Infinity, Number.NaN),
  step: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
});

it("puts the best ranked rows on the good side, best first, and lets the bad side stand for all others", () => {
  const property = fc.property(
    fc.array(outcome, { maxLength: 40 }),
    fc.integer({ min: 0, max: 6 }),
    fc.integer({ min: 2, max: 12 }),
    (outcomes, goodCount, badLimit) => {
      const history = new TrialHistory();
      for (const [i, { state, objective, step }] of outcomes.entries()) {
        history.append({ sequence: i + 1, number: i, state, objective, step, assignment: {} });
      }
      const ranking = rankingOf(history);
      const rows = Uint32Array.from(history.numbers);
      const { good, bad, weights } = splitRows(ranking, rows, goodCount, badLimit, Rng.fromSeed(1));
      const sorted = [...rows].toSorted((a, b) => Number(ranking.isBetter(b, a)) - Number(ranking.isBetter(a, b)) || a - b);
      expect([...good]).toEqual(sorted.filter(ranking.isRanked).slice(0, goodCount));
      expect(new Set([...good, ...bad]).size).toBe(good.length + bad.length);
      expect(bad.length).toBe(Math.min(rows.length - good.length, badLimit));
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(rows.length - good.length);
    },
  );
  fc.assert(property, { numRuns: 300 });
});
