import { normalQuantile } from "@argmin/base";
import { finishedStates, type History } from "../history.ts";
import type { Ranking } from "../tpe/split.ts";

const complete = finishedStates.indexOf("complete");

/**
 * One number for each of some rows of a history, less is better: the objective of a complete trial. Pruned trials count by their
 * value, but as no better than the middle of the complete ones; those that nothing is known of as bad as the worst.
 *
 * @remarks What is infinite is put beyond the finite values by half of their range. Where no trial is complete, the pruned ones are
 *   ranked, and a normal distribution's quantiles stand for the ranks.
 */
export function outcomesOf({ states, objectives }: History, rows: Uint32Array, ranking: Ranking): Float64Array {
  const known = rows.filter((row) => states[row] === complete && Number.isFinite(objectives[row]!));
  if (known.length === 0) return outcomesByRank(rows, ranking);
  // Halves, so that the range of the greatest doubles does not overflow.
  const sorted = Float64Array.from(known, (row) => objectives[row]! / 4).sort();
  const [best, middle, worst] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!];
  const margin = 0.5 * (worst - best);
  return Float64Array.from(rows, (row) => {
    if (!ranking.isRanked(row)) return worst;
    const value = objectives[row]! / 4;
    if (states[row] !== complete) return Math.min(Math.max(value, middle), worst);
    return Math.min(Math.max(value, best - margin), worst + margin);
  });
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

/** How far below the best the scale's logarithm has its pole, in distances from the best to the median; infinity for no logarithm. */
export const poles = [Infinity, 1, 0.1, 0.01] as const;

/**
 * Standardised outcomes y, or standardised log(y - best + pole * (median - best)): an objective that spans orders of magnitude is
 * modelled by its logarithm (warped Gaussian processes: E. Snelson, C. E. Rasmussen and Z. Ghahramani 2004).
 */
export function targetsOf(outcomes: Float64Array, pole: number): Targets {
  const sorted = outcomes.slice().sort();
  const best = sorted[0]!;
  const unit = sorted[sorted.length >> 1]! - best || sorted.at(-1)! - best;
  if (!(unit > 0)) return { values: new Float64Array(outcomes.length), logJacobian: 0 };
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
