import type { JsonObject } from "@argmin/base";
import { numericSettings, type SettingsSchema } from "../settings.ts";

const imputations = ["latest", "best", "worst"] as const;
/** What stands for the value of a trial that has none: what it reported last, the best it reported, or the worst that any trial did. */
export type Imputation = (typeof imputations)[number];

export const wandbBayesSettings = {
  impute: {
    kind: "choice",
    options: imputations,
    default: "worst",
    summary: "what a trial that failed counts as: the latest or the best value that it reported, or the worst that any trial did",
  },
  imputeWhileRunning: {
    kind: "choice",
    options: [...imputations, "never"],
    default: "never",
    summary:
      "never: a trial under way counts as what the model expects of it; otherwise as the best that it has reported, and with worst as the worst of all trials before that",
  },
  candidates: {
    kind: "integer",
    minimum: 1,
    maximum: 1_000_000,
    default: 1000,
    summary: "how many draws are compared for one suggestion",
  },
} as const satisfies SettingsSchema;

export type WandbBayesSettings = {
  readonly impute: Imputation;
  readonly imputeWhileRunning: Imputation | "never";
  readonly candidates: number;
};

/** Settings that `completeSettings` has checked, with the types that it has checked them for. */
export function wandbBayesSettingsFrom(settings: JsonObject): WandbBayesSettings {
  const imputation = (name: string): Imputation | undefined => imputations.find((known) => known === settings[name]);
  return {
    impute: imputation("impute") ?? "worst",
    imputeWhileRunning: imputation("imputeWhileRunning") ?? "never",
    ...numericSettings(wandbBayesSettings, settings),
  };
}
