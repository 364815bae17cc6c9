import type { Cost } from "../../experiment.ts";
import { costOfModel } from "../cost-of-model.ts";
import { fineAndCoarseNetwork, fineNetwork } from "./network.ts";
import type { Options } from "./options.ts";
import type { Settings } from "./space.ts";
import { optimizerOf } from "./training.ts";

/** What a candidate's network costs. */
export function costOf(settings: Settings, { dataset, heads }: Options): Cost {
  const step = { batchSize: settings.batch_size, optimizer: optimizerOf(settings) };
  return dataset === "cifar10"
    ? costOfModel(fineNetwork(settings, { classes: 10, heads }), step)
    : costOfModel(fineAndCoarseNetwork(settings, { classes: 100, coarseClasses: 20, heads }), step);
}
