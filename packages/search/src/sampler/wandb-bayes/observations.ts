import type { Curve } from "../../pruner/report-history.ts";
import type { Parameter } from "../../space/space.ts";
import { finishedStates } from "../history.ts";
import type { SuggestContext } from "../sampler.ts";
import { pointOf, pointsOf, type Point } from "./points.ts";
import type { Imputation, WandbBayesSettings } from "./settings.ts";

/** What the model is made from. */
export type Observations = {
  readonly points: readonly Point[];
  /** Of each point, to be minimised; finite. */
  readonly outcomes: readonly number[];
  /** Trials under way that nothing is known of. */
  readonly underWay: readonly Point[];
};

const failed = finishedStates.indexOf("failed");
const nothing: Curve = { steps: [], values: [] };

/**
 * The trials as W&B takes them: a trial's outcome is the best of its value and all that it reported, of one that failed what
 * `impute` says.
 *
 * @remarks A pruned trial is one that finished. Where `latest` or `best` is asked for and a trial has reported nothing, W&B takes 0,
 *   which may well be better than anything; here a trial that failed counts as the worst then, and one under way as unknown.
 */
export function observationsOf(
  { history, pending, reports }: Pick<SuggestContext, "history" | "pending" | "reports">,
  parameters: readonly Parameter[],
  { impute, imputeWhileRunning }: Pick<WandbBayesSettings, "impute" | "imputeWhileRunning">,
): Observations {
  const { length, numbers, states, objectives } = history;
  const curves = Array.from({ length }, (_, row) => finiteValues(reports?.finished(numbers[row]!)));
  const results = curves.map((curve, row) => (Number.isFinite(objectives[row]!) ? [...curve, objectives[row]!] : curve));
  let worst = Number.NEGATIVE_INFINITY;
  for (const values of results) for (const value of values) worst = Math.max(worst, value);
  if (worst === Number.NEGATIVE_INFINITY) worst = 0;

  const outcomes = results.map((values, row) => {
    if (states[row] === failed) return imputed(impute, curves[row]!) ?? worst;
    return least(values) ?? worst;
  });
  const points = [...pointsOf(parameters, history)];
  const underWay: Point[] = [];
  for (const [i, assignment] of pending.entries()) {
    const point = pointOf(parameters, assignment);
    const known =
      imputeWhileRunning === "never"
        ? undefined
        : (least(finiteValues(reports?.pending[i])) ?? (imputeWhileRunning === "worst" ? worst : undefined));
    if (known === undefined) underWay.push(point);
    else {
      points.push(point);
      outcomes.push(known);
    }
  }
  return { points, outcomes, underWay };
}

function imputed(how: Imputation, reported: readonly number[]): number | undefined {
  if (how === "worst") return undefined;
  return how === "best" ? least(reported) : reported.at(-1);
}

function finiteValues({ values }: Curve = nothing): readonly number[] {
  return values.filter((value) => Number.isFinite(value));
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((a, b) => Math.min(a, b));
}
