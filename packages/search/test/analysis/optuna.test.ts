import { fanova, growForest, pedAnova, spaceFromJson, tableOf, type Importances } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { golden } from "./studies.ts";

describe.each(golden.studies)(`importances agree with Optuna ${golden.optuna}: $name`, (study) => {
  const space = spaceFromJson(study.space);
  const table = tableOf(space, study.trials, study.direction);

  it.each(study.pedAnova)("PED-ANOVA: target $targetQuantile, region $regionQuantile, local $evaluateOnLocal", (golden) => {
    const { importances, ...settings } = golden;
    const found = byLabel(pedAnova(space, table, { ...settings, resamples: 0 }));
    expect(Object.keys(found).toSorted()).toEqual(Object.keys(importances).toSorted());
    for (const [label, importance] of Object.entries(importances)) {
      expect(Math.abs(found[label]! - importance), label).toBeLessThan(1e-12);
    }
  });

  it("fANOVA, averaged over the space's own distribution: within the spread of its forests", () => {
    const { evenly } = study.fanova;
    const seeds = [1, 2, 3];
    const runs = seeds.map((seed) => {
      const forest = growForest(table, { seed, parameters: Object.keys(evenly) })!;
      return byLabel(fanova(forest, study.direction).importances);
    });
    for (const [label, { mean, deviation }] of Object.entries(evenly)) {
      const found = runs.reduce((sum, run) => sum + run[label]!, 0) / runs.length;
      // Both are means of several forests: of four there, of three here.
      const error = deviation * Math.sqrt(1 / 4 + 1 / seeds.length);
      expect(Math.abs(found - mean), `${label}: ${found} beside ${mean}`).toBeLessThan(4 * error + 0.002);
    }
  });

  it("fANOVA, averaged as Optuna does: in the same order of importance where that is clear", () => {
    const labels = Object.keys(study.fanova.asItIs);
    const found = byLabel(fanova(growForest(table, { parameters: labels })!, study.direction).importances);
    for (const above of labels) {
      for (const below of labels) {
        const isClear = study.fanova.asItIs[above]! - study.fanova.asItIs[below]! > 0.1;
        if (isClear) expect(found[above]!, `${above} and ${below}`).toBeGreaterThan(found[below]!);
      }
    }
  });
});

function byLabel({ parameters }: Importances): Readonly<Record<string, number>> {
  return Object.fromEntries(parameters.map(({ label, importance }) => [label, importance]));
}
