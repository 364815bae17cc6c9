import type { JsonObject } from "@argmin/base";
import { createSampler, samplerNames, samplers } from "@argmin/search";
import { describe, expect, it } from "vitest";

describe("the table of samplers", () => {
  it("makes each by name, with the defaults of its schema", () => {
    expect(samplerNames).toEqual(Object.keys(samplers));
    for (const name of samplerNames) {
      const sampler = createSampler(name);
      expect(sampler.name).toBe(name);
      const defaults = Object.fromEntries(Object.entries(samplers[name].settings).map(([key, spec]) => [key, spec.default]));
      expect(sampler.settings).toEqual(defaults);
    }
  });

  it("keeps the settings that were given", () => {
    expect(createSampler("grid", { order: "shuffled", points: { lr: 5 } }).settings).toEqual({
      order: "shuffled",
      seed: 0,
      points: { lr: 5 },
    });
  });

  const refused: readonly [string, JsonObject, string][] = [
    ["annealing", {}, "There is no sampler 'annealing'; there are auto, random, grid, tpe, gp, wandb-bayes, hyperopt-tpe"],
    ["constructor", {}, "There is no sampler 'constructor'"],
    ["random", { seed: 1 }, "There is no setting 'seed' of the sampler 'random'; it has none"],
    ["grid", { sort: 1 }, "There is no setting 'sort' of the sampler 'grid'; it has order, seed, points"],
    ["grid", { order: "random" }, "The setting 'order' of the sampler 'grid' is \"random\"; wanted one of natural, shuffled"],
    ["grid", { seed: -1 }, "'seed' of the sampler 'grid' is -1; wanted an integer from 0"],
    ["grid", { seed: "1" }, "'seed' of the sampler 'grid' is \"1\""],
    ["grid", { points: 0 }, "'points' of the sampler 'grid' is 0; wanted an integer from 1 to 1000000, or an object"],
    ["grid", { points: { lr: 1.5 } }, "'points' of the sampler 'grid' is {\"lr\":1.5}"],
    ["tpe", { priorWeight: 0 }, "'priorWeight' of the sampler 'tpe' is 0; wanted a number from 0.001 to"],
    ["tpe", { priorWeight: "1" }, "'priorWeight' of the sampler 'tpe' is \"1\""],
    ["grid", { points: [3] }, "'points' of the sampler 'grid' is [3]"],
  ];
  for (const [name, settings, message] of refused) {
    it(`refuses ${name} with ${JSON.stringify(settings)}`, () => {
      expect(() => createSampler(name, settings)).toThrow(
        expect.objectContaining({ code: "value/invalid", message: expect.stringContaining(message) }),
      );
    });
  }
});
