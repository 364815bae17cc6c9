import { ArgminError, type JsonObject } from "@argmin/base";
import { createAutoSampler } from "./auto/auto.ts";
import { autoSettings, autoSettingsFrom } from "./auto/settings.ts";
import { createGpSampler } from "./gp/gp.ts";
import { gpSettings, gpSettingsFrom } from "./gp/settings.ts";
import { createGridSampler, gridSettings, gridSettingsFrom } from "./grid.ts";
import { createRandomSampler } from "./random.ts";
import type { Sampler } from "./sampler.ts";
import { createTpeSampler } from "./tpe/tpe.ts";
import { createHyperoptTpeSampler } from "./tpe/hyperopt-tpe.ts";
import { hyperoptTpeSettings, tpeSettings, tpeSettingsFrom } from "./tpe/settings.ts";
import { createWandbBayesSampler } from "./wandb-bayes/wandb-bayes.ts";
import { wandbBayesSettings, wandbBayesSettingsFrom } from "./wandb-bayes/settings.ts";
import { completeSettings, numericSettings, type SettingsSchema } from "./settings.ts";

/** What there is to know of a sampler before one is made. */
export type SamplerEntry = {
  readonly summary: string;
  readonly settings: SettingsSchema;
  /** @param settings - All settings of the schema, checked. */
  readonly create: (settings: JsonObject) => Sampler;
};

/** All samplers by name. */
export const samplers = {
  auto: {
    summary: "the default: a Gaussian process and TPE in turns while trials are few, then TPE",
    settings: autoSettings,
    create: (settings) => createAutoSampler(autoSettingsFrom(settings)),
  },
  random: {
    summary: "draws every trial from the space's own distributions",
    settings: {},
    create: createRandomSampler,
  },
  grid: {
    summary: "proposes every configuration of a finite space once",
    settings: gridSettings,
    create: (settings) => createGridSampler(gridSettingsFrom(settings)),
  },
  tpe: {
    summary: "learns where good trials are dense and bad ones are not: tree-structured Parzen estimators of parameters jointly",
    settings: tpeSettings,
    create: (settings) => createTpeSampler(tpeSettingsFrom(settings)),
  },
  gp: {
    summary: "models the objective as a Gaussian process and tries where most improvement is to be expected",
    settings: gpSettings,
    create: (settings) => createGpSampler(gpSettingsFrom(settings)),
  },
  "wandb-bayes": {
    summary: "W&B's bayes: a Gaussian process with one length scale and ordered options, for comparison",
    settings: wandbBayesSettings,
    create: (settings) => createWandbBayesSampler(wandbBayesSettingsFrom(settings)),
  },
  "hyperopt-tpe": {
    summary: "hyperopt's tree-structured Parzen estimators, each parameter by itself, for comparison",
    settings: hyperoptTpeSettings,
    create: (settings) => createHyperoptTpeSampler(numericSettings(hyperoptTpeSettings, settings)),
  },
} as const satisfies { readonly [name: string]: SamplerEntry };

export type SamplerName = keyof typeof samplers;

/** The names that `createSampler` knows. */
export const samplerNames: readonly SamplerName[] = Object.keys(samplers).filter(isSamplerName);

/**
 * The sampler of that name.
 *
 * @throws ArgminError `value/invalid` for an unknown name, or, naming it, an unknown or impossible setting.
 */
export function createSampler(name: string, settings: JsonObject = {}): Sampler {
  if (!isSamplerName(name)) {
    throw new ArgminError("value/invalid", `There is no sampler '${name}'; there are ${samplerNames.join(", ")}.`);
  }
  const entry: SamplerEntry = samplers[name];
  return entry.create(completeSettings(`the sampler '${name}'`, entry.settings, settings));
}

function isSamplerName(name: string): name is SamplerName {
  return Object.hasOwn(samplers, name);
}
