import type { SettingsSchema } from "../sampler/settings.ts";
import { goOn, type Pruner } from "./pruner.ts";

export const medianSettings = {
  startupTrials: {
    kind: "integer",
    minimum: 0,
    maximum: 1_000_000,
    default: 5,
    summary: "how many trials must be complete before any is pruned",
  },
  warmupSteps: {
    kind: "integer",
    minimum: 0,
    maximum: 1_000_000_000,
    default: 0,
    summary: "steps below this one are not judged",
  },
  intervalSteps: {
    kind: "integer",
    minimum: 1,
    maximum: 1_000_000_000,
    default: 1,
    summary: "a verdict every so many steps, counted from warmupSteps",
  },
  minimumTrials: {
    kind: "integer",
    minimum: 1,
    maximum: 1_000_000,
    default: 1,
    summary: "how many complete trials must have reached a step for it to be judged",
  },
} as const satisfies SettingsSchema;

export type MedianSettings = {
  readonly startupTrials: number;
  readonly warmupSteps: number;
  readonly intervalSteps: number;
  readonly minimumTrials: number;
};

/**
 * The median stopping rule: a trial is pruned if its best value so far is worse than the median of what the complete trials had
 * at the same step.
 *
 * @see Golovin et al., "Google Vizier: A Service for Black-Box Optimization", KDD 2017, section 3.2.2; like Optuna, with the values
 *   at that step instead of running averages.
 */
export function createMedianPruner(settings: MedianSettings): Pruner {
  const { startupTrials, warmupSteps, intervalSteps, minimumTrials } = settings;
  return {
    name: "median",
    settings,
    decide: ({ curve: { steps, values }, reports }) => {
      const step = steps.at(-1) ?? 0;
      if (step < warmupSteps || reports.complete < startupTrials) return goOn;
      const due = warmupSteps + Math.floor((step - warmupSteps) / intervalSteps) * intervalSteps;
      if ((steps.at(-2) ?? Number.NEGATIVE_INFINITY) >= due) return goOn;
      const there = reports.reached(step, "complete").values;
      if (there.length < Math.max(1, minimumTrials)) return goOn;
      const best = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
      if (best === Number.POSITIVE_INFINITY) return { kind: "prune", reason: `without a finite value by step ${step}` };
      if (best <= medianOf(there)) return goOn;
      return { kind: "prune", reason: `worse at step ${step} than the median of ${there.length} complete trials` };
    },
  };
}

/** The median of ascending values, at least one. */
function medianOf(ascending: Float64Array): number {
  const upper = ascending.length >> 1;
  const high = ascending[upper]!;
  return ascending.length % 2 === 1 ? high : high === Number.POSITIVE_INFINITY ? high : (ascending[upper - 1]! + high) / 2;
}
