import type { AnyModel } from "@argmin/nn";
import type { Cost } from "../../experiment.ts";
import { costOfModel } from "../cost-of-model.ts";
import { fineAndCoarseNetwork, fineNetwork } from "./network.ts";
import type { Options } from "./options.ts";
import type { Settings } from "./space.ts";
import { optimizerOf } from "./training.ts";

/** A candidate's network, for the images that are asked for. */
export function networkOf(settings: Settings, { dataset, heads }: Options): AnyModel {
  return dataset === "cifar10"
    ? fineNetwork(settings, { classes: 10, heads })
    : fineAndCoarseNetwork(settings, { classes: 100, coarseClasses: 20, heads });
}

/** What a candidate's network costs. */
export function costOf(settings: Settings, options: Options): Cost {
  return costOfModel(networkOf(settings, options), { batchSize: settings.batch_size, optimizer: optimizerOf(settings) });
}
