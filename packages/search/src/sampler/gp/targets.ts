import { normalQuantile } from "@argmin/base";
import { finishedStates, type History } from "../history.ts";
import type { Ranking } from "../tpe/split.ts";

const complete = finishedStates.indexOf("complete");

/** Outcomes of trials, less is better. */
export type Outcomes = {
  readonly values: Float64Array;
  /** What distances are measured in: from the best to the median of the study's first trials. */
  readonly unit: number;
};

/** So many of the first trials tell how far from the best outcomes are that nobody has searched for. */
const firstTrials = 20;

/** What is worse than the best by more units than this is no worse than that: how bad it is, is of no interest. */
const outlying = 100;

/**
 * The outcomes of some rows of a history: the objectives of complete trials. Pruned trials count by their value, but as no
 * better than the middle of the complete ones; those that nothing is known of as bad as the worst.
 *
 * @remarks What is infinite is put beyond the finite values by half of their range, or by their size where they are all the same. Where no trial is complete, the pruned ones are
 *   ranked, and a normal distribution's quantiles stand for the ranks. The unit is of the first trials because the median of
 *   all comes close to the best as a search closes in, and what is seen in such units would be the last digits of one valley.
 */
export function outcomesOf({ states, objectives }: History, rows: Uint32Array, ranking: Ranking): Outcomes {
  const isKnown = (row: number): boolean => states[row] === complete && Number.isFinite(objectives[row]!);
  const known = rows.filter(isKnown);
  if (known.length === 0) return { values: outcomesByRank(rows, ranking), unit: 1 };
  // Quarters, so that the range of the greatest doubles does not overflow.
  const sorted = Float64Array.from(known, (row) => objectives[row]! / 4).sort();
  const [best, middle, worst] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!];
  const first: number[] = [];
  for (let row = 0; row < objectives.length && first.length < firstTrials; row++)
    if (isKnown(row)) first.push(objectives[row]! / 4);
  // The first trials may be none of `rows`, and better than all of them.
  const unit =
    Math.max(0, first.toSorted((a, b) => a - b)[first.length >> 1]! - best) || worst - best || Math.max(1, Math.abs(best));
  const margin = 0.5 * (worst - best) || unit;
  const valueOf = (row: number): number => {
    if (!ranking.isRanked(row)) return worst;
    const value = objectives[row]! / 4;
    if (states[row] !== complete) return Math.min(Math.max(value, middle), worst);
    return Math.min(Math.max(value, best - margin), worst + margin);
  };
  return { values: Float64Array.from(rows, (row) => Math.min(valueOf(row), best + outlying * unit)), unit };
}

function outcomesByRank(rows: Uint32Array, { isBetter, isRanked }: Ranking): Float64Array {
  const order = rows.filter(isRanked).sort((a, b) => (isBetter(a, b) ? -1 : isBetter(b, a) ? 1 : a - b));
  const places = new Map([...order].map((row, place) => [row, place]));
  return Float64Array.from(rows, (row) =>
    normalQuantile(((places.get(row) ?? order.length - 1) + 0.5) / Math.max(1, order.length)),
  );
}

/** Outcomes on a scale on which a Gaussian process takes them: mean 0, variance 1. */
export type Targets = {
  readonly values: Float64Array;
  /** The logarithm of the density that one on the new scale has on the old one, over that on the new. */
  readonly logJacobian: number;
};

/** How far below the best the scale's logarithm has its pole, in units of the outcomes; infinity for no logarithm. */
export const poles = [Infinity, 1, 0.1, 0.01, 0.001] as const;

/**
 * Standardised outcomes y, or standardised log(y - best + pole * unit): an objective that spans orders of magnitude is
 * modelled by its logarithm (warped Gaussian processes: E. Snelson, C. E. Rasmussen and Z. Ghahramani 2004).
 */
export function targetsOf({ values: outcomes, unit }: Outcomes, pole: number): Targets {
  const best = outcomes.reduce((least, outcome) => Math.min(least, outcome), Infinity);
  if (outcomes.every((outcome) => outcome === best)) return { values: new Float64Array(outcomes.length), logJacobian: 0 };
  let logSlopes = -outcomes.length * Math.log(unit);
  const values = outcomes.map((outcome) => {
    const above = (outcome - best) / unit;
    if (pole === Infinity) return above;
    const place = Math.log(above + pole);
    logSlopes -= place;
    return place;
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / deviation;
  return { values, logJacobian: logSlopes - values.length * Math.log(deviation) };
}
