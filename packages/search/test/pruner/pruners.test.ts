import type { JsonObject } from "@argmin/base";
import { createPruner } from "../../src/index.ts";
import { describePruner, type PrunerTraits } from "../../src/testing/index.ts";

const relative: PrunerTraits = { relative: true, prunes: "hopeless" };
const alone: PrunerTraits = { relative: false, prunes: "hopeless" };

/** Each pruner as it comes where that means something, and with other settings. */
const suites: readonly { readonly pruner: string; readonly settings?: JsonObject; readonly traits: PrunerTraits }[] = [
  { pruner: "none", traits: { relative: true, prunes: "nothing" } },
  { pruner: "successive-halving", traits: relative },
  { pruner: "successive-halving", settings: { reductionFactor: 2, minimumResource: 2, bracket: 1 }, traits: relative },
  { pruner: "successive-halving", settings: { minimumResource: 3, bootstrapTrials: 4 }, traits: alone },
  { pruner: "hyperband", traits: relative },
  { pruner: "hyperband", settings: { maximumResource: 27, reductionFactor: 4, minimumResource: 2 }, traits: relative },
  { pruner: "successive-halving", settings: { promote: true }, traits: relative },
  { pruner: "successive-halving", settings: { promote: true, bootstrapTrials: 2 }, traits: alone },
  { pruner: "hyperband", settings: { promote: true, maximumResource: 27 }, traits: relative },
  { pruner: "median", traits: relative },
  {
    pruner: "median",
    settings: { startupTrials: 3, warmupSteps: 4, intervalSteps: 3, minimumTrials: 2 },
    traits: relative,
  },
  { pruner: "percentile", traits: relative },
  { pruner: "percentile", settings: { percentile: 62.5, startupTrials: 1, warmupSteps: 2 }, traits: relative },
  { pruner: "threshold", traits: { relative: true, prunes: "nothing" } },
  { pruner: "threshold", settings: { lower: -1, upper: 0.5, warmupSteps: 5, intervalSteps: 2 }, traits: alone },
  { pruner: "patience", traits: { relative: false, prunes: "declining" } },
  { pruner: "patience", settings: { patience: 1, minimumDelta: 0.001, pruner: "median" }, traits: relative },
  { pruner: "wandb-hyperband", settings: { min_iter: 2 }, traits: relative },
  { pruner: "wandb-hyperband", settings: { max_iter: 27, s: 2, eta: 3.5, strict: false }, traits: relative },
];

for (const { pruner, settings = {}, traits } of suites) {
  const text = Object.keys(settings).length === 0 ? "" : ` ${JSON.stringify(settings)}`;
  describePruner({ name: `${pruner}${text}`, make: (exactly = settings) => createPruner(pruner, exactly), traits });
}
