import type { JsonObject } from "@argmin/base";
import { numericSettings, type SettingsSchema } from "../settings.ts";
import type { FailedPolicy } from "./split.ts";

export const tpeSettings = {
  startUpTrials: {
    kind: "integer",
    minimum: 1,
    maximum: 100_000,
    default: 10,
    summary: "how many trials must have a value before the model is asked; those before are spread evenly over the priors",
  },
  candidates: {
    kind: "integer",
    minimum: 1,
    maximum: 100_000,
    default: 24,
    summary: "how many draws from the good trials' density are compared for a suggestion",
  },
  priorWeight: {
    kind: "number",
    minimum: 0.001,
    maximum: 1_000_000,
    default: 1,
    summary: "as how many trials the space's own distributions count in both densities: more explores longer",
  },
  failed: {
    kind: "choice",
    options: ["bad", "ignore"],
    default: "bad",
    summary: "bad: where trials fail there is nothing to be found; ignore: failures say nothing about the parameters",
  },
} as const satisfies SettingsSchema;

export type TpeSettings = {
  readonly startUpTrials: number;
  readonly candidates: number;
  readonly priorWeight: number;
  readonly failed: FailedPolicy;
};

export const hyperoptTpeSettings = {
  startUpTrials: {
    kind: "integer",
    minimum: 1,
    maximum: 1_000_000,
    default: 20,
    summary: "how many trials are drawn from the space's own distributions first",
  },
  candidates: {
    kind: "integer",
    minimum: 1,
    maximum: 100_000,
    default: 24,
    summary: "how many draws are compared for each parameter",
  },
  gamma: {
    kind: "number",
    minimum: 0.001,
    maximum: 100,
    default: 0.25,
    summary: "the good trials are gamma times the root of their number, 25 at most",
  },
  priorWeight: {
    kind: "number",
    minimum: 0.001,
    maximum: 1_000_000,
    default: 1,
    summary: "as how many trials the space's own distributions count",
  },
} as const satisfies SettingsSchema;

export type HyperoptTpeSettings = {
  readonly startUpTrials: number;
  readonly candidates: number;
  readonly gamma: number;
  readonly priorWeight: number;
};

/** Settings that `completeSettings` has checked, with the types that it has checked them for. */
export function tpeSettingsFrom(settings: JsonObject): TpeSettings {
  return { ...numericSettings(tpeSettings, settings), failed: settings["failed"] === "ignore" ? "ignore" : "bad" };
}
