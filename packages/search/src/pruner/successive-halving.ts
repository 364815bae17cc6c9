import type { SettingsSchema } from "../sampler/settings.ts";
import { goOn, type Pruner } from "./pruner.ts";
import { countBelow } from "./step-column.ts";

export const successiveHalvingSettings = {
  reductionFactor: {
    kind: "integer",
    minimum: 2,
    maximum: 1000,
    default: 3,
    summary: "eta: of the trials that reach a rung, the best one in so many goes on",
  },
  minimumResource: {
    kind: "integer",
    minimum: 1,
    maximum: 1_000_000_000,
    default: 1,
    summary: "the step of the first rung; each further one is at reductionFactor times as many steps",
  },
  bracket: {
    kind: "integer",
    minimum: 0,
    maximum: 60,
    default: 0,
    summary: "how many of the first rungs to leave out: the more, the later the first verdict",
  },
} as const satisfies SettingsSchema;

export type SuccessiveHalvingSettings = {
  readonly reductionFactor: number;
  readonly minimumResource: number;
  readonly bracket: number;
};

/**
 * Asynchronous successive halving: rung k is at step minimumResource * reductionFactor^(bracket + k), and a trial that comes to it
 * goes on if it is among the best 1/reductionFactor of those that have come there so far, or the best of them.
 *
 * @remarks In the form that stops trials instead of promoting paused ones, so a trial that was the best when it came goes on even if
 *   later ones are better. A trial that skips steps stands at a rung with its first report at or after it.
 * @see Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, algorithm 2 and section 3.3.
 */
export function createSuccessiveHalvingPruner(settings: SuccessiveHalvingSettings): Pruner {
  const { reductionFactor, minimumResource, bracket } = settings;
  const first = minimumResource * reductionFactor ** bracket;
  return {
    name: "successive-halving",
    settings,
    decide: ({ curve: { steps, values }, reports }) => {
      const step = steps.at(-1) ?? 0;
      const value = values.at(-1) ?? Number.POSITIVE_INFINITY;
      const before = steps.at(-2) ?? Number.NEGATIVE_INFINITY;
      for (let rung = first; rung <= step; rung *= reductionFactor) {
        if (rung <= before) continue;
        if (value === Number.POSITIVE_INFINITY) return { kind: "prune", reason: `without a finite value at step ${step}` };
        const reached = reports.reached(rung, "all").values;
        const places = Math.max(1, Math.floor(reached.length / reductionFactor));
        const better = countBelow(reached, value);
        if (better >= places) {
          const best = places === 1 ? "the best one goes" : `the best ${places} go`;
          return { kind: "prune", reason: `place ${better + 1} of ${reached.length} at step ${rung}, where ${best} on` };
        }
      }
      return goOn;
    },
  };
}
