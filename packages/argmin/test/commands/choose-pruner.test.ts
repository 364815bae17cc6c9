import { createPruner, hp, prunerNames } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { choosePruner, halvingFor, hyperbandFor } from "../../src/commands/choose-pruner.ts";
import { defineExperiment } from "../../src/experiment.ts";

const definition = {
  name: "known",
  summary: "trials of a hundred steps",
  space: { x: hp.uniform(0, 1) },
  metric: "loss",
  direction: "minimize",
  objective: ({ x }: { readonly x: number }) => x,
  curve: () => ({ metric: "validationLoss", steps: 100 }),
} as const;

describe("successive halving made of a budget", () => {
  it.each([
    // Two trainings' worth: only very early verdicts leave room for many candidates.
    [100, 200, { reductionFactor: 3, minimumResource: 1 }],
    [100, 1000, { reductionFactor: 3, minimumResource: 3 }],
    [100, 2000, { reductionFactor: 3, minimumResource: 11 }],
    [100, undefined, { reductionFactor: 3, minimumResource: 11 }],
    [9, 18, { reductionFactor: 3, minimumResource: 1 }],
    [8, 1000, { reductionFactor: 2, minimumResource: 2 }],
    [2, 2, { reductionFactor: 2, minimumResource: 1 }],
    // Nothing can be stopped before its only step.
    [1, 5, { reductionFactor: 2, minimumResource: 1 }],
  ])("of trials of %i steps with %s in all", (steps, budget, settings) => {
    expect(halvingFor({ steps }, budget)).toEqual(settings);
  });

  it("puts the first rung later the more there is to spend, and never beyond a trial", () => {
    for (const steps of [1, 2, 3, 5, 8, 9, 10, 27, 30, 100, 333]) {
      const rungs = [1, 2, 5, 10, 20, 50, 100, 1000].map((times) => halvingFor({ steps }, times * steps).minimumResource);
      expect(rungs).toEqual(rungs.toSorted((a, b) => a - b));
      for (const rung of rungs) {
        expect(rung).toBeGreaterThanOrEqual(1);
        expect(rung).toBeLessThanOrEqual(steps);
      }
    }
  });
});

describe("Hyperband for trials of so many steps", () => {
  it.each([
    [100, 1, 3],
    [1000, 12, 3],
    [8, 1, 2],
    [1, 1, 2],
  ])("%i: its earliest verdict is after %i", (steps, minimumResource, reductionFactor) => {
    expect(hyperbandFor({ steps })).toEqual({ minimumResource, reductionFactor, maximumResource: steps });
  });
});

describe("the pruner of a new study", () => {
  const own = { name: "median", settings: { startupTrials: 8 } };
  const metric = "validationLoss";

  it("is the one asked for, else the experiment's own, else none; a budget alone means successive halving", () => {
    const plain = defineExperiment(definition);
    const halving = { name: "successive-halving", metric };
    expect(choosePruner(plain, {}, {})).toEqual({ name: "none", settings: {}, metric });
    expect(choosePruner(plain, {}, { pruner: "median" })).toEqual({ name: "median", metric });
    expect(choosePruner(plain, {}, { budget: 1000 })).toEqual({ ...halving, settings: halvingFor({ steps: 100 }, 1000) });
    expect(choosePruner(plain, {}, { budget: 1000, pruner: "none" })).toEqual({ name: "none", settings: {}, metric });
    const opinionated = defineExperiment({ ...definition, pruner: own });
    expect(choosePruner(opinionated, {}, {})).toEqual({ ...own, metric });
    expect(choosePruner(opinionated, {}, { budget: 1000 })).toEqual({ ...own, metric });
    expect(choosePruner(opinionated, {}, { pruner: "none" })).toEqual({ name: "none", metric });
  });

  it("pauses trials where that is asked for, with the settings that it has anyway, or is refused", () => {
    const plain = defineExperiment(definition);
    const promote = true;
    expect(choosePruner(plain, {}, { promote })).toEqual({
      name: "successive-halving",
      metric,
      settings: { ...halvingFor({ steps: 100 }), promote },
    });
    const { settings } = choosePruner(plain, {}, { promote, pruner: "hyperband", budget: 1000 });
    expect(settings).toEqual({ ...hyperbandFor({ steps: 100 }), promote });
    const eager = { name: "successive-halving", settings: { minimumResource: 7 } } as const;
    const experiment = defineExperiment({ ...definition, pruner: eager });
    expect(choosePruner(experiment, {}, { promote }).settings).toEqual({ minimumResource: 7, promote });
    for (const pruner of ["none", "median", "patience"])
      expect(() => choosePruner(plain, {}, { promote, pruner })).toThrow(/--promote is for pruners that pause trials/);
    const { curve: _, ...bare } = definition;
    expect(() => choosePruner(defineExperiment(bare), {}, { promote })).toThrow(/as --promote needs/);
  });

  it.each([1, 2, 5, 9, 27, 100, 5000])("is made of its name alone for trials of %i steps, whichever it is", (steps) => {
    const experiment = defineExperiment({ ...definition, curve: () => ({ metric, steps }) });
    for (const name of prunerNames) {
      const { settings } = choosePruner(experiment, {}, { pruner: name });
      expect(createPruner(name, settings).settings).toMatchObject(settings ?? {});
    }
  });

  it("needs a curve, and one that means something", () => {
    const { curve: _, ...bare } = definition;
    expect(() => defineExperiment({ ...bare, pruner: own })).toThrow(/its pruner needs to know by which reports/);
    expect(choosePruner(defineExperiment(bare), {}, {})).toEqual({ name: "none" });
    const odd = defineExperiment({ ...definition, curve: () => ({ metric: "loss", steps: 0 }) });
    expect(() => choosePruner(odd, {}, { pruner: "median" })).toThrow(
      /the steps of its curve must be a whole number above 0, not 0/,
    );
  });
});
