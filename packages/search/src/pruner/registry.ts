import { ArgminError, type JsonObject } from "@argmin/base";
import { completeSettings, numericSettings, type SettingsSchema } from "../sampler/settings.ts";
import { createMedianPruner, medianSettings } from "./median.ts";
import { createNoPruner } from "./none.ts";
import type { Pruner } from "./pruner.ts";
import { createSuccessiveHalvingPruner, successiveHalvingSettings } from "./successive-halving.ts";

/** What there is to know of a pruner before one is made. */
export type PrunerEntry = {
  readonly summary: string;
  readonly settings: SettingsSchema;
  /** @param settings - All settings of the schema, checked. */
  readonly create: (settings: JsonObject) => Pruner;
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
    create: (settings) => createSuccessiveHalvingPruner(numericSettings(successiveHalvingSettings, settings)),
  },
  median: {
    summary: "prunes what is worse than the median of the complete trials at the same step",
    settings: medianSettings,
    create: (settings) => createMedianPruner(numericSettings(medianSettings, settings)),
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
  return entry.create(completeSettings(`the pruner '${name}'`, entry.settings, settings));
}

function isPrunerName(name: string): name is PrunerName {
  return Object.hasOwn(pruners, name);
}
