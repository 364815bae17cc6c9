import { goOn, type PromotionContext, type Verdict } from "./pruner.ts";
import type { Curve } from "./report-history.ts";

/** A trial that is paused, with all that its verdict depends on. */
type Candidate = { readonly number: number; readonly curve: Curve };

/**
 * The paused trial that goes on next: of those that would not be paused if they came to their rung now, one that came furthest, and
 * of these the best one.
 *
 * @param bracketOf - Which trials compete with which.
 * @param verdictOn - What is said of a trial by its last report and what all have reported by now.
 * @see Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, algorithm 2: `get_job` looks for a trial to
 *   promote in the highest rung first.
 */
export function nextPromotion(
  { paused, reports }: PromotionContext,
  bracketOf: (number: number) => number,
  verdictOn: (candidate: Candidate) => Verdict,
): number | undefined {
  // Among trials that stopped at the same rungs of a bracket only the best one need be looked at: the others stand behind it.
  const leaders = new Map<string, Candidate>();
  for (const number of paused) {
    const curve = reports.curve(number);
    if (curve.steps.length === 0) continue;
    const key = `${bracketOf(number)} ${curve.steps.at(-2) ?? ""} ${lastStep(curve)}`;
    const leader = leaders.get(key);
    if (leader === undefined || lastValue(curve) < lastValue(leader.curve)) leaders.set(key, { number, curve });
  }
  return [...leaders.values()]
    .toSorted((a, b) => lastStep(b.curve) - lastStep(a.curve) || lastValue(a.curve) - lastValue(b.curve) || a.number - b.number)
    .find((candidate) => verdictOn(candidate).kind === goOn.kind)?.number;
}

function lastStep({ steps }: Curve): number {
  return steps.at(-1) ?? 0;
}

function lastValue({ values }: Curve): number {
  return values.at(-1) ?? Number.POSITIVE_INFINITY;
}
