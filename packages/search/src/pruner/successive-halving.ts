import type { JsonObject } from "@argmin/base";
import { numericSettings, type SettingsSchema } from "../sampler/settings.ts";
import { nextPromotion } from "./promotion.ts";
import { goOn, type Pruner, type Verdict } from "./pruner.ts";
import type { Curve, ReportHistory } from "./report-history.ts";
import { countBelow } from "./step-column.ts";

/** The settings of successive halving that Hyperband shares. */
export const rungSettings = {
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
  bootstrapTrials: {
    kind: "integer",
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    summary: "how many trials end at a rung before the first one goes on, so that it has others to be compared with",
  },
} as const satisfies SettingsSchema;

/** Whether trials are paused or stopped, for the same pruners. */
export const promotionSettings = {
  promote: {
    kind: "boolean",
    default: false,
    summary: "pauses trials at their rung instead of stopping them, and lets them go on once they are among its best",
  },
} as const satisfies SettingsSchema;

export const successiveHalvingSettings = {
  ...rungSettings,
  ...promotionSettings,
  bracket: {
    kind: "integer",
    minimum: 0,
    maximum: 60,
    default: 0,
    summary:
      "how many of the first rungs to leave out (the paper's early-stopping rate s): the more, the later the first verdict",
  },
} as const satisfies SettingsSchema;

export type RungSettings = {
  readonly reductionFactor: number;
  readonly minimumResource: number;
  readonly bootstrapTrials: number;
  readonly promote: boolean;
};
export type SuccessiveHalvingSettings = RungSettings & { readonly bracket: number };

/**
 * Asynchronous successive halving (ASHA): rung k is at step minimumResource * reductionFactor^(bracket + k), and a trial that comes
 * to it goes on if it is among the best 1/reductionFactor of those that have come there so far with a finite value, or the best of
 * them.
 *
 * @remarks Others are stopped for good or, with `promote`, paused: they go on as soon as they are among the best 1/reductionFactor of
 *   those that have come there meanwhile. Either way a trial that was the best when it came goes on even if later ones are better; with
 *   `promote` and a `bootstrapTrials` of reductionFactor - 1 none goes on from a rung of fewer than reductionFactor trials, which is
 *   algorithm 2 to the letter. A trial that skips steps stands at a rung with its first report at or after it.
 * @see Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, algorithm 2 and section 3.3.
 */
export function createSuccessiveHalvingPruner(settings: SuccessiveHalvingSettings): Pruner {
  const verdictOn = ({ curve, reports }: { readonly curve: Curve; readonly reports: ReportHistory }): Verdict =>
    passRungs(curve, settings, settings.bracket, (rung, value) => {
      const { values } = reports.reached(rung, "all");
      return { better: countBelow(values, value), present: countBelow(values, Number.POSITIVE_INFINITY) };
    });
  return {
    name: "successive-halving",
    settings,
    decide: verdictOn,
    promote: settings.promote
      ? (context) =>
          nextPromotion(
            context,
            () => settings.bracket,
            ({ curve }) => verdictOn({ curve, reports: context.reports }),
          )
      : undefined,
  };
}

/** Settings that `completeSettings` has checked, with the types that it has checked them for. */
export function successiveHalvingSettingsFrom(settings: JsonObject): SuccessiveHalvingSettings {
  return { ...numericSettings(successiveHalvingSettings, settings), promote: settings["promote"] === true };
}

/** Who has come to a rung with a finite value: how many, the trial itself included, and how many of them with a better one. */
export type Standing = { readonly better: number; readonly present: number };

/** The verdict on a trial by the rungs of a bracket that lie between its last report and the one before. */
export function passRungs(
  { steps, values }: Curve,
  { reductionFactor, minimumResource, bootstrapTrials, promote }: RungSettings,
  bracket: number,
  standingAt: (rung: number, value: number) => Standing,
): Verdict {
  const step = steps.at(-1) ?? 0;
  const value = values.at(-1) ?? Number.POSITIVE_INFINITY;
  const before = steps.at(-2) ?? Number.NEGATIVE_INFINITY;
  const kind = promote ? "pause" : "prune";
  for (let rung = minimumResource * reductionFactor ** bracket; rung <= step; rung *= reductionFactor) {
    if (rung <= before) continue;
    if (value === Number.POSITIVE_INFINITY) return { kind: "prune", reason: `without a finite value at step ${step}` };
    const { better, present } = standingAt(rung, value);
    if (present <= bootstrapTrials) {
      const fate = promote ? "wait" : "end";
      return { kind, reason: `one of the first ${bootstrapTrials} at step ${step}, which all ${fate} there` };
    }
    const places = Math.max(1, Math.floor(present / reductionFactor));
    if (better >= places) {
      const best = places === 1 ? "the best one goes" : `the best ${places} go`;
      return { kind, reason: `place ${better + 1} of ${present} at step ${rung}, where ${best} on` };
    }
  }
  return goOn;
}
