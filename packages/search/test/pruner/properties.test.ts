import type { JsonObject } from "@argmin/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPruner, createStudy, hp, ReportTable, type Pruner, type Verdict } from "../../src/index.ts";

const comparison = { startupTrials: 0 };

/** Pruners that compare trials with each other. */
const relative: readonly (readonly [name: string, settings: JsonObject])[] = [
  ["successive-halving", {}],
  ["successive-halving", { reductionFactor: 2, minimumResource: 2 }],
  ["hyperband", { maximumResource: 8, reductionFactor: 2 }],
  ["hyperband", {}],
  ["median", comparison],
  ["percentile", { ...comparison, percentile: 10 }],
  ["percentile", { ...comparison, percentile: 80, intervalSteps: 2 }],
  ["wandb-hyperband", { min_iter: 2, eta: 2 }],
  ["wandb-hyperband", { max_iter: 9, s: 3, eta: 1.5, strict: false }],
  ["patience", { patience: 1, pruner: { name: "median", settings: comparison } }],
];

const longest = 9;
const value = fc.oneof(fc.constantFrom(0, 0.5, 1, 2), fc.double({ min: -10, max: 10, noNaN: true }));
const curve = fc.array(value, { minLength: 1, maxLength: longest });
const others = fc.array(fc.record({ curve, isComplete: fc.boolean() }), { maxLength: 12 });

/** What the pruner says of a running trial, number 0, that has reported `values` beside the others. */
function verdictOn(pruner: Pruner, values: readonly number[], beside: readonly Other[]): Verdict["kind"] {
  const table = new ReportTable();
  for (const [i, other] of [{ curve: values, isComplete: false }, ...beside].entries()) {
    for (const [at, value] of other.curve.entries()) table.add({ number: i, token: 1, step: at + 1, value });
    if (other.isComplete) table.finish(i, "complete");
  }
  return pruner.decide({ number: 0, direction: "minimize", curve: table.curve(0), reports: table }).kind;
}

type Other = { readonly curve: readonly number[]; readonly isComplete: boolean };

describe.each(relative.map(([name, settings]) => ({ name, settings, text: JSON.stringify(settings) })))(
  "$name $text",
  ({ name, settings }) => {
    const pruner = createPruner(name, settings);

    it("never prunes a trial that is as good as any other at each of its steps", () => {
      const property = fc.property(others, curve, (beside, own) => {
        const best = own.map((value, at) => Math.min(value, ...beside.map(({ curve }) => curve[at] ?? Number.POSITIVE_INFINITY)));
        expect(verdictOn(pruner, best, beside)).toBe("continue");
      });
      fc.assert(property, { numRuns: 200, seed: 3 });
    });

    it("prunes what it would have pruned with a better last value", () => {
      let pruned = 0;
      const property = fc.property(others, curve, fc.double({ min: 0, max: 5, noNaN: true }), (beside, own, by) => {
        if (verdictOn(pruner, own, beside) === "continue") return;
        pruned += 1;
        expect(verdictOn(pruner, [...own.slice(0, -1), own.at(-1)! + by], beside)).toBe("prune");
      });
      fc.assert(property, { numRuns: 500, seed: 4 });
      expect(pruned).toBeGreaterThan(2);
    });
  },
);

describe("pruners that are the same", () => {
  const same = (one: Pruner, other: Pruner): void => {
    const property = fc.property(others, curve, (beside, own) => {
      expect(verdictOn(other, own, beside)).toBe(verdictOn(one, own, beside));
    });
    fc.assert(property, { numRuns: 200, seed: 5 });
  };

  it("the median and the percentile of 50", () => {
    same(createPruner("median", comparison), createPruner("percentile", { ...comparison, percentile: 50 }));
  });

  it("Hyperband with room for one bracket and successive halving", () => {
    same(
      createPruner("hyperband", { minimumResource: 4, maximumResource: 11 }),
      createPruner("successive-halving", { minimumResource: 4 }),
    );
  });

  it("Hyperband that has seen how long trials are and one that was told", () => {
    const [told, seen] = [createPruner("hyperband", { maximumResource: longest }), createPruner("hyperband")];
    const property = fc.property(others, curve, (beside, own) => {
      const whole = { curve: Array.from({ length: longest }, () => 1), isComplete: true };
      expect(verdictOn(seen, own, [...beside, whole])).toBe(verdictOn(told, own, [...beside, whole]));
      const unfinished = beside.map((other) => ({ ...other, isComplete: false }));
      expect(verdictOn(seen, own, unfinished)).toBe("continue");
    });
    fc.assert(property, { numRuns: 200, seed: 6 });
  });
});

describe("patience", () => {
  it("prunes nothing that the pruner it asks would not, and no trial before it has as many reports as it takes", () => {
    const median = createPruner("median", comparison);
    const patience = createPruner("patience", { patience: 2, pruner: { name: "median", settings: comparison } });
    const property = fc.property(others, curve, (beside, own) => {
      const verdict = verdictOn(patience, own, beside);
      if (verdict === "prune") expect(verdictOn(median, own, beside)).toBe("prune");
      if (own.length <= 3) expect(verdict).toBe("continue");
    });
    fc.assert(property, { numRuns: 200, seed: 7 });
  });
});

describe("a study to be maximised", () => {
  const mirrored: readonly (readonly [name: string, down: JsonObject, up: JsonObject])[] = [
    ...relative.map(([name, settings]) => [name, settings, settings] as const),
    ["threshold", { lower: -1, upper: 1.5 }, { lower: -1.5, upper: 1 }],
    ["threshold", { upper: 0, warmupSteps: 3 }, { lower: 0, warmupSteps: 3 }],
    ["patience", { patience: 2, minimumDelta: 0.25 }, { patience: 2, minimumDelta: 0.25 }],
  ];

  it.each(mirrored)("prunes by %s what it would to be minimised with the values turned round", async (name, down, up) => {
    const property = fc.asyncProperty(fc.array(curve, { minLength: 1, maxLength: 8 }), async (curves) => {
      const turned = curves.map((values) => values.map((value) => -value));
      expect(await endsOf({ name, settings: up }, "maximize", turned)).toEqual(
        await endsOf({ name, settings: down }, "minimize", curves),
      );
    });
    await fc.assert(property, { numRuns: 10, seed: 8 });
  });
});

/** How many reports each trial came to, in a study whose trials have these curves. */
async function endsOf(
  pruner: { readonly name: string; readonly settings: JsonObject },
  direction: "minimize" | "maximize",
  curves: readonly (readonly number[])[],
): Promise<readonly number[]> {
  const study = await createStudy({ space: { x: hp.uniform(0, 1) }, direction, pruner, seed: 1 });
  const ends: number[] = [];
  for (const values of curves) {
    const trial = await study.ask();
    let reports = 0;
    for (const value of values) {
      trial.report(++reports, value, { of: values.length });
      if (await trial.shouldPrune()) break;
    }
    await study.tell(trial, reports < values.length ? { state: "pruned" } : 0);
    ends.push(reports);
  }
  return ends;
}
