import { ArgminError, type JsonObject } from "@argmin/base";
import { numericSettings, type SettingsSchema } from "../sampler/settings.ts";
import { nextPromotion } from "./promotion.ts";
import { goOn, type Pruner, type Verdict } from "./pruner.ts";
import type { Curve, ReportHistory } from "./report-history.ts";
import { passRungs, promotionSettings, rungSettings, type RungSettings } from "./successive-halving.ts";

export const hyperbandSettings = {
  ...rungSettings,
  ...promotionSettings,
  maximumResource: {
    kind: "integer-or-null",
    minimum: 1,
    maximum: 1_000_000_000,
    default: null,
    summary:
      "the steps of a whole trial; null: those of the complete trial that came furthest, and no verdict before there is one",
  },
} as const satisfies SettingsSchema;

export type HyperbandSettings = RungSettings & { readonly maximumResource: number | null };

/**
 * Hyperband: several brackets of asynchronous successive halving side by side, since nobody knows how early a verdict can be. Bracket
 * b has its first rung at minimumResource * reductionFactor^b, and the last of them the only one at the end of a trial: its trials
 * are never stopped. A trial is compared with those of its own bracket, which its number decides.
 *
 * @remarks `promote` is as for successive halving. As many brackets as rungs fit between `minimumResource` and `maximumResource`, as in Optuna; the shares of trials are
 *   those of the paper.
 * @throws ArgminError `value/invalid` if `maximumResource` is below `minimumResource`.
 * @see Li et al., "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", JMLR 2018, algorithm 1; with the
 *   asynchronous brackets of section 3.2 of Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020.
 */
export function createHyperbandPruner(settings: HyperbandSettings): Pruner {
  const { minimumResource, maximumResource } = settings;
  if (maximumResource !== null && maximumResource < minimumResource) {
    throw new ArgminError(
      "value/invalid",
      `The setting 'maximumResource' of the pruner 'hyperband' is ${maximumResource}; ` +
        `wanted at least as much as 'minimumResource', which is ${minimumResource}.`,
    );
  }
  const furthestOf = (reports: ReportHistory): number => maximumResource ?? reports.furthest;
  const verdictOn = ({ number, curve, reports }: Judged): Verdict => {
    const furthest = furthestOf(reports);
    if (furthest < minimumResource) return goOn;
    const { bracket, low, high, total } = bracketOf(number, bracketShares(settings, furthest));
    const verdict = passRungs(curve, settings, bracket, (rung, value) => {
      const { values, numbers } = reports.reached(rung, "all");
      let [better, present] = [0, 0];
      for (let i = 0; i < values.length && values[i] !== Number.POSITIVE_INFINITY; i++) {
        const place = placeOf(numbers[i]!, total);
        if (place < low || place >= high) continue;
        present += 1;
        if (values[i]! < value) better += 1;
      }
      return { better, present };
    });
    return verdict.kind === "continue" ? verdict : { ...verdict, reason: `bracket ${bracket + 1}: ${verdict.reason}` };
  };
  return {
    name: "hyperband",
    settings,
    decide: verdictOn,
    promote: settings.promote
      ? (context) => {
          const shares = bracketShares(settings, Math.max(minimumResource, furthestOf(context.reports)));
          return nextPromotion(
            context,
            (number) => bracketOf(number, shares).bracket,
            (candidate) => verdictOn({ ...candidate, reports: context.reports }),
          );
        }
      : undefined,
  };
}

type Judged = { readonly number: number; readonly curve: Curve; readonly reports: ReportHistory };

/** Settings that `completeSettings` has checked, with the types that it has checked them for. */
export function hyperbandSettingsFrom(settings: JsonObject): HyperbandSettings {
  return { ...numericSettings(hyperbandSettings, settings), promote: settings["promote"] === true };
}

/**
 * In what proportion trials are given to the brackets: those that stop early get more of them, so that each bracket costs about the
 * same number of steps.
 */
export function bracketShares(
  { minimumResource, reductionFactor }: Pick<RungSettings, "minimumResource" | "reductionFactor">,
  maximumResource: number,
): readonly number[] {
  let brackets = 1;
  while (minimumResource * reductionFactor ** brackets <= maximumResource) brackets += 1;
  return Array.from({ length: brackets }, (_, bracket) => {
    const rungs = brackets - bracket;
    return Math.ceil((brackets * reductionFactor ** (rungs - 1)) / rungs);
  });
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** Where a trial lies in the interval from 0 to `total`: the multiples of the golden ratio fill it more evenly than chance does. */
function placeOf(number: number, total: number): number {
  const turns = number * goldenRatio;
  return (turns - Math.floor(turns)) * total;
}

/** A bracket, and the part of the interval from 0 to `total` in which its trials lie. */
export type Bracket = { readonly bracket: number; readonly low: number; readonly high: number; readonly total: number };

/** The bracket of a trial. Every bracket has its share of any stretch of numbers. */
export function bracketOf(number: number, shares: readonly number[]): Bracket {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const place = placeOf(number, total);
  let [bracket, low] = [0, 0];
  for (; bracket < shares.length - 1 && place >= low + shares[bracket]!; bracket++) low += shares[bracket]!;
  return { bracket, low, high: bracket === shares.length - 1 ? Number.POSITIVE_INFINITY : low + shares[bracket]!, total };
}
