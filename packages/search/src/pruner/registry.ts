import { ArgminError, type JsonObject } from "@argmin/base";
import { completeSettings, numericSettings, type SettingsSchema } from "../sampler/settings.ts";
import { createHyperbandPruner, hyperbandSettings, hyperbandSettingsFrom } from "./hyperband.ts";
import { createMedianPruner, medianSettings } from "./median.ts";
import { createNoPruner } from "./none.ts";
import { createPatiencePruner, innerPruner, patienceSettings } from "./patience.ts";
import { createPercentilePruner, percentileSettings } from "./percentile.ts";
import type { Pruner } from "./pruner.ts";
import { createSuccessiveHalvingPruner, successiveHalvingSettings, successiveHalvingSettingsFrom } from "./successive-halving.ts";
import { createThresholdPruner, thresholdSettings } from "./threshold.ts";
import { createWandbHyperbandPruner, wandbHyperbandSettings, wandbHyperbandSettingsFrom } from "./wandb-hyperband.ts";

/** What there is to know of a pruner before one is made. */
export type PrunerEntry = {
  readonly summary: string;
  readonly settings: SettingsSchema;
  /**
   * @param settings - All settings of the schema, checked.
   * @param make - Makes a pruner that another one asks: `createPruner`.
   */
  readonly create: (settings: JsonObject, make: (name: string, settings: JsonObject) => Pruner) => Pruner;
};

/** All pruners by name. */
export const pruners = {
  none: {
    summary: "lets every trial come to its end",
    settings: {},
    create: createNoPruner,
  },
  "successive-halving": {
    summary: "at rungs that lie further and further apart, lets the best of those that came there go on (ASHA)",
    settings: successiveHalvingSettings,
    create: (settings) => createSuccessiveHalvingPruner(successiveHalvingSettingsFrom(settings)),
  },
  hyperband: {
    summary: "successive halving in several brackets, whose first verdicts come earlier or later",
    settings: hyperbandSettings,
    create: (settings) => createHyperbandPruner(hyperbandSettingsFrom(settings)),
  },
  median: {
    summary: "prunes what is worse than the median of the complete trials at the same step",
    settings: medianSettings,
    create: (settings) => createMedianPruner(numericSettings(medianSettings, settings)),
  },
  percentile: {
    summary: "prunes what is worse than a percentile of the complete trials at the same step",
    settings: percentileSettings,
    create: (settings) => createPercentilePruner(numericSettings(percentileSettings, settings)),
  },
  threshold: {
    summary: "prunes what lies outside of given bounds or is not finite",
    settings: thresholdSettings,
    create: (settings) => createThresholdPruner(numericSettings(thresholdSettings, settings)),
  },
  patience: {
    summary: "prunes what has been worse than before for a while, or then asks another pruner",
    settings: patienceSettings,
    create: (settings, make) => {
      const inner = innerPruner(settings["pruner"]);
      return createPatiencePruner(numericSettings(patienceSettings, settings), inner && make(inner.name, inner.settings));
    },
  },
  "wandb-hyperband": {
    summary: "Weights & Biases' hyperband: at bands of so many reports, the best one in eta goes on",
    settings: wandbHyperbandSettings,
    create: (settings) => createWandbHyperbandPruner(wandbHyperbandSettingsFrom(settings)),
  },
} as const satisfies { readonly [name: string]: PrunerEntry };

export type PrunerName = keyof typeof pruners;

/** The names that `createPruner` knows. */
export const prunerNames: readonly PrunerName[] = Object.keys(pruners).filter(isPrunerName);

/**
 * The pruner of that name.
 *
 * @throws ArgminError `value/invalid` for an unknown name, or, naming it, an unknown or impossible setting.
 */
export function createPruner(name: string, settings: JsonObject = {}): Pruner {
  if (!isPrunerName(name)) {
    throw new ArgminError("value/invalid", `There is no pruner '${name}'; there are ${prunerNames.join(", ")}.`);
  }
  const entry: PrunerEntry = pruners[name];
  return entry.create(completeSettings(`the pruner '${name}'`, entry.settings, settings), createPruner);
}

function isPrunerName(name: string): name is PrunerName {
  return Object.hasOwn(pruners, name);
}
