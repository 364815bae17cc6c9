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

  it("fANOVA, averaged over the space's own distribution: within the sampling error of the forests", () => {
    const { evenly } = study.fanova;
    const runs = [1, 2].map((seed) => fanova(growForest(table, { seed, parameters: Object.keys(evenly) })!, study.direction));
    for (const [label, { mean }] of Object.entries(evenly)) {
      const found = runs.map(({ importances }) => importances.parameters.find((it) => it.label === label)!);
      const own = (found[0]!.importance + found[1]!.importance) / 2;
      // The spread of single trees; two forests of 64 here, four there.
      const spread = (found[0]!.standardError! + found[1]!.standardError!) / 2;
      const error = spread * Math.sqrt(1 / (2 * 64) + 1 / (4 * 64));
      expect(Math.abs(own - mean), `${label}: ${own} beside ${mean}`).toBeLessThan(3 * error + 0.001);
    }
  });
});

/** Where no scale is logarithmic, Optuna's average over plain values differs by half a step at the ends of ranges only. */
describe.each(golden.studies.filter(({ name }) => name !== "training"))(
  "fANOVA of Optuna on the study as it is: $name",
  (study) => {
    it("is near", () => {
      const labels = Object.keys(study.fanova.asItIs);
      const table = tableOf(spaceFromJson(study.space), study.trials, study.direction);
      const found = byLabel(fanova(growForest(table, { parameters: labels })!, study.direction).importances);
      for (const label of labels) expect(Math.abs(found[label]! - study.fanova.asItIs[label]!), label).toBeLessThan(0.05);
    });
  },
);

function byLabel({ parameters }: Importances): Readonly<Record<string, number>> {
  return Object.fromEntries(parameters.map(({ label, importance }) => [label, importance]));
}
