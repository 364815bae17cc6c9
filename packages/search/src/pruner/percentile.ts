import type { SettingsSchema } from "../sampler/settings.ts";
import { isDue, judgingSettings, type JudgingSettings } from "./judging-interval.ts";
import { goOn, type PruneContext, type Pruner, type Verdict } from "./pruner.ts";
import { countBelow } from "./step-column.ts";

/** The settings of the percentile pruner but the percentile. */
export const comparisonSettings = {
  startupTrials: {
    kind: "integer",
    minimum: 0,
    maximum: 1_000_000,
    default: 5,
    summary: "how many trials must be complete before any is pruned",
  },
  ...judgingSettings,
  minimumTrials: {
    kind: "integer",
    minimum: 1,
    maximum: 1_000_000,
    default: 1,
    summary: "how many complete trials must have reached a step for it to be judged",
  },
} as const satisfies SettingsSchema;

export const percentileSettings = {
  percentile: {
    kind: "number",
    minimum: 0,
    maximum: 100,
    default: 25,
    summary: "how many of a hundred trials are good enough: 25 keeps what is among the best quarter",
  },
  ...comparisonSettings,
} as const satisfies SettingsSchema;

export type ComparisonSettings = JudgingSettings & { readonly startupTrials: number; readonly minimumTrials: number };
export type PercentileSettings = ComparisonSettings & { readonly percentile: number };

/**
 * The median stopping rule with any percentile: a trial is pruned if its best value so far is worse than that percentile of what
 * the complete trials had at the same step.
 *
 * @see Golovin et al., "Google Vizier: A Service for Black-Box Optimization", KDD 2017, section 3.2.2; like Optuna, with the values
 *   at that step instead of running averages.
 */
export function createPercentilePruner(settings: PercentileSettings): Pruner {
  const { percentile } = settings;
  return {
    name: "percentile",
    settings,
    decide: (context) => worseThanPercentile(context, settings, `the best ${percentile} %`),
  };
}

/** The verdict of the percentile pruner. `bar`: what a trial is worse than if it is pruned, for the reason. */
export function worseThanPercentile(
  { curve: { steps, values }, reports }: PruneContext,
  settings: PercentileSettings,
  bar: string,
): Verdict {
  if (reports.complete < settings.startupTrials || !isDue(steps, settings)) return goOn;
  const step = steps.at(-1) ?? 0;
  const there = reports.reached(step, "complete").values;
  if (there.length < settings.minimumTrials) return goOn;
  const best = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  if (best === Number.POSITIVE_INFINITY) return { kind: "prune", reason: `without a finite value by step ${step}` };
  // What was not finite says nothing of how good the others are.
  const finite = there.subarray(0, countBelow(there, Number.POSITIVE_INFINITY));
  if (finite.length === 0 || best <= percentileOf(finite, settings.percentile)) return goOn;
  return { kind: "prune", reason: `worse at step ${step} than ${bar} of ${there.length} complete trials` };
}

/** The percentile of finite ascending values, at least one: between two of them on the straight line. */
function percentileOf(ascending: Float64Array, percentile: number): number {
  const place = (percentile / 100) * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below]!;
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!;
  const share = place - below;
  const span = high - low;
  // Between values so far apart that their difference is none.
  if (span === Number.POSITIVE_INFINITY) return low * (1 - share) + high * share;
  // From the nearer end, so that the mirrored values have the mirrored percentile to the last bit.
  return share < 0.5 ? low + span * share : high - span * (1 - share);
}
