import { ArgminError } from "@argmin/base";
import type { SettingsSchema } from "../sampler/settings.ts";
import { isDue, judgingSettings, type JudgingSettings } from "./judging-interval.ts";
import { goOn, type Pruner } from "./pruner.ts";

const bound = { kind: "number-or-null", minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE, default: null } as const;

export const thresholdSettings = {
  lower: { ...bound, summary: "values below this one end a trial, whichever way the study goes; null for no such bound" },
  upper: { ...bound, summary: "values above this one end a trial, whichever way the study goes; null for no such bound" },
  ...judgingSettings,
} as const satisfies SettingsSchema;

export type ThresholdSettings = JudgingSettings & { readonly lower: number | null; readonly upper: number | null };

/**
 * Ends a trial whose last value lies outside of what is sound: below `lower`, above `upper`, or not finite at all. Without bounds
 * it ends what is not finite.
 *
 * @remarks The bounds are values as trials report them, not as a study to be maximised turns them round.
 * @throws ArgminError `value/invalid` if `lower` is above `upper`.
 */
export function createThresholdPruner(settings: ThresholdSettings): Pruner {
  const { lower, upper } = settings;
  if (lower !== null && upper !== null && lower > upper) {
    throw new ArgminError(
      "value/invalid",
      `The setting 'lower' of the pruner 'threshold' is ${lower}, which is above 'upper', ${upper}; wanted the lower bound first.`,
    );
  }
  return {
    name: "threshold",
    settings,
    decide: ({ direction, curve: { steps, values } }) => {
      if (!isDue(steps, settings)) return goOn;
      const step = steps.at(-1) ?? 0;
      const last = values.at(-1) ?? Number.POSITIVE_INFINITY;
      if (last === Number.POSITIVE_INFINITY) return { kind: "prune", reason: `without a finite value at step ${step}` };
      const value = direction === "minimize" ? last : -last;
      if (lower !== null && value < lower) return { kind: "prune", reason: `${value} at step ${step} is below ${lower}` };
      if (upper !== null && value > upper) return { kind: "prune", reason: `${value} at step ${step} is above ${upper}` };
      return goOn;
    },
  };
}
