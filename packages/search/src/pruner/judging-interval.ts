import type { SettingsSchema } from "../sampler/settings.ts";

/** At which steps a trial is judged, for pruners that need not look at each. */
export const judgingSettings = {
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
} as const satisfies SettingsSchema;

export type JudgingSettings = { readonly warmupSteps: number; readonly intervalSteps: number };

/** Whether the last of the steps calls for a verdict: it is the first to have reached one that does, since trials may skip steps. */
export function isDue(steps: readonly number[], { warmupSteps, intervalSteps }: JudgingSettings): boolean {
  const step = steps.at(-1) ?? 0;
  if (step < warmupSteps) return false;
  const due = warmupSteps + Math.floor((step - warmupSteps) / intervalSteps) * intervalSteps;
  return (steps.at(-2) ?? Number.NEGATIVE_INFINITY) < due;
}
