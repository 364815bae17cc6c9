import type { JsonObject } from "@argmin/base";
import { samplers, type SamplerEntry } from "@argmin/search";
import type { SweepMetric } from "../sweep-file/read.ts";

/**
 * The settings of a sampler that follow from what a sweep says of runs without a value.
 *
 * @remarks A sampler that imputes as W&B does is told so. One that has no more than a policy for failed trials counts them as bad where the
 *   file has `worst`; with `latest` or `best` they are not to count as worse than they are, and are left out.
 * @param sampler - Of one that has neither, or that there is not, nothing follows.
 */
export function imputationSettings(sampler: string, { impute, imputeWhileRunning }: SweepMetric): JsonObject {
  const entries: { readonly [name: string]: SamplerEntry } = samplers;
  const settings = Object.hasOwn(entries, sampler) ? entries[sampler]?.settings : undefined;
  if (settings === undefined) return {};
  if (Object.hasOwn(settings, "impute")) return { impute, imputeWhileRunning: imputeWhileRunning || "never" };
  return Object.hasOwn(settings, "failed") ? { failed: impute === "worst" ? "bad" : "ignore" } : {};
}
