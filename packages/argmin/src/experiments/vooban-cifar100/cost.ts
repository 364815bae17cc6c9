import type { Cost } from "../../experiment.ts";
import { fineAndCoarseNetwork, fineNetwork } from "./network.ts";
import type { Options } from "./options.ts";
import type { Settings } from "./space.ts";

/** What a candidate's network costs. */
export function costOf(settings: Settings, { dataset, heads }: Options): Cost {
  const network =
    dataset === "cifar10"
      ? fineNetwork(settings, { classes: 10, heads })
      : fineAndCoarseNetwork(settings, { classes: 100, coarseClasses: 20, heads });
  const flops = network.calls.reduce((sum, { plan }) => sum + 2 * plan.cost.multiplyAdds + plan.cost.others, 0);
  return { parameters: network.weightCount, flops };
}
