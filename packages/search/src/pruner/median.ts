import type { SettingsSchema } from "../sampler/settings.ts";
import { comparisonSettings, worseThanPercentile, type ComparisonSettings } from "./percentile.ts";
import type { Pruner } from "./pruner.ts";

export const medianSettings = comparisonSettings satisfies SettingsSchema;

/**
 * The median stopping rule: a trial is pruned if its best value so far is worse than the median of what the complete trials had
 * at the same step.
 *
 * @see Golovin et al., "Google Vizier: A Service for Black-Box Optimization", KDD 2017, section 3.2.2; like Optuna, with the values
 *   at that step instead of running averages.
 */
export function createMedianPruner(settings: ComparisonSettings): Pruner {
  return {
    name: "median",
    settings,
    decide: (context) => worseThanPercentile(context, { ...settings, percentile: 50 }, "the median"),
  };
}
