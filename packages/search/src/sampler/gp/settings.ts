import type { JsonObject } from "@argmin/base";
import { numericSettings, type SettingsSchema } from "../settings.ts";
import type { FailedPolicy } from "../tpe/split.ts";

export const gpSettings = {
  startUpTrials: {
    kind: "integer",
    minimum: 1,
    maximum: 1_000_000,
    default: 10,
    summary: "how many trials must have a value before the model is asked; those before are spread evenly over the priors",
  },
  failed: {
    kind: "choice",
    options: ["bad", "ignore"],
    default: "bad",
    summary: "bad: a trial that failed counts as the worst; ignore: failures say nothing about the parameters",
  },
} as const satisfies SettingsSchema;

export type GpSettings = {
  readonly startUpTrials: number;
  readonly failed: FailedPolicy;
};

/** Settings that `completeSettings` has checked, with the types that it has checked them for. */
export function gpSettingsFrom(settings: JsonObject): GpSettings {
  return { ...numericSettings(gpSettings, settings), failed: settings["failed"] === "ignore" ? "ignore" : "bad" };
}
