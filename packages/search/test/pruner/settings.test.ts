import { isArgminError, type JsonObject } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { createPruner, loadOrCreate, MemoryStorage, prunerNames } from "../../src/index.ts";
import { bracketOf, bracketShares } from "../../src/pruner/hyperband.ts";

describe("settings of pruners", () => {
  it.each<readonly [name: string, settings: JsonObject, says: RegExp]>([
    ["percentile", { percentile: 101 }, /'percentile' of the pruner 'percentile' is 101; wanted a number from 0 to 100/],
    ["hyperband", { maximumResource: 0 }, /'maximumResource' .* is 0; wanted an integer from 1 to 1000000000, or null/],
    ["hyperband", { minimumResource: 9, maximumResource: 3 }, /is 3; wanted at least as much as 'minimumResource', which is 9/],
    ["threshold", { lower: "low" }, /'lower' .* is "low"; wanted a number from .*, or null/],
    ["threshold", { lower: 1, upper: 0.5 }, /'lower' .* is 1, which is above 'upper', 0\.5/],
    ["patience", { pruner: 3 }, /'pruner' .* is 3; wanted the name of a pruner, an object with its name and settings, or null/],
    [
      "patience",
      { pruner: { name: "median", setting: {} } },
      /wanted the name of a pruner, an object with its name and settings/,
    ],
    ["patience", { pruner: "nobody" }, /There is no pruner 'nobody'/],
    ["patience", { pruner: { name: "median", settings: { warmup: 3 } } }, /no setting 'warmup' of the pruner 'median'/],
    ["wandb-hyperband", {}, /does not know its bands; wanted 'min_iter', or 'max_iter' with 's'/],
    ["wandb-hyperband", { max_iter: 27 }, /has 'max_iter' without 's'/],
    ["wandb-hyperband", { min_iter: 2, eta: 1 }, /has 'eta' 1; wanted a number above 1/],
    ["wandb-hyperband", { max_iter: 2, s: 3 }, /has no band of a report or more below 'max_iter' 2/],
    ["wandb-hyperband", { min_iter: 2, strict: "yes" }, /'strict' .* is "yes"; wanted true or false/],
  ])("of %s: %j are refused", (name, settings, says) => {
    const refused = refusalOf(name, settings);
    expect(isArgminError(refused, "value/invalid") ? refused.message : refused).toMatch(says);
  });

  it("are complete, those of a pruner within a pruner too", () => {
    const { settings } = createPruner("patience", { pruner: "threshold" });
    expect(settings).toEqual({
      patience: 10,
      minimumDelta: 0,
      pruner: { name: "threshold", settings: { lower: null, upper: null, warmupSteps: 0, intervalSteps: 1 } },
    });
  });

  it("have defaults with which each pruner can be made, but for one that has to be told its bands", () => {
    const unready = prunerNames.filter((name) => refusalOf(name, {}) !== undefined);
    expect(unready).toEqual(["wandb-hyperband"]);
  });

  it("that a stored study has not are their defaults", async () => {
    const storage = new MemoryStorage();
    const settings = { reductionFactor: 3, minimumResource: 1, bracket: 0 };
    const { name, ...definition } = (await loadOrCreate({ storage, pruner: "successive-halving", seed: 1 })).definition;
    await storage.deleteStudy((await storage.findStudy(name))!.id);
    await storage.createStudy({ name, ...definition, pruner: { ...definition.pruner, settings } });
    const again = await loadOrCreate({ storage, pruner: "successive-halving", seed: 1 });
    expect(again.definition.pruner.settings).toEqual(settings);
    const other = { name: "successive-halving", settings: { bootstrapTrials: 2 } };
    await expect(loadOrCreate({ storage, pruner: other, seed: 1 })).rejects.toThrow(/"bootstrapTrials":0.*, not .*:2/);
  });
});

describe("brackets", () => {
  it("are as many as rungs, with the paper's numbers of trials", () => {
    expect(bracketShares({ minimumResource: 1, reductionFactor: 3 }, 81)).toEqual([81, 34, 15, 8, 5]);
    expect(bracketShares({ minimumResource: 1, reductionFactor: 3 }, 243)).toHaveLength(6);
    expect(bracketShares({ minimumResource: 4, reductionFactor: 4 }, 15)).toEqual([1]);
  });

  it("have their shares of any hundred trials in a row", () => {
    const shares = bracketShares({ minimumResource: 1, reductionFactor: 3 }, 27);
    const total = shares.reduce((sum, share) => sum + share, 0);
    for (const from of [0, 1, 57, 1000, 99_999, 10_000_000]) {
      const counts = shares.map(() => 0);
      for (let i = 0; i < 100; i++) counts[bracketOf(from + i, shares).bracket]! += 1;
      for (const [bracket, share] of shares.entries()) expect(Math.abs(counts[bracket]! - (100 * share) / total)).toBeLessThan(3);
    }
  });
});

function refusalOf(name: string, settings: JsonObject): unknown {
  try {
    createPruner(name, settings);
    return undefined;
  } catch (error) {
    return error;
  }
}
