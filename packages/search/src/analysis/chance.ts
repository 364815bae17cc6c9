import { logGamma, normalCdf } from "@argmin/base";

/** So many are drawn from `total` of which `marked` are marked. */
export type Draw = { readonly drawn: number; readonly marked: number; readonly total: number };

/** The probability of at least `hits` marked ones in a draw: the one-sided test of Fisher. */
export function atLeast(hits: number, draw: Draw): number {
  const { least, most } = reachOf(draw);
  if (hits <= least) return 1;
  let probability = 0;
  for (let k = hits; k <= most; k++) {
    const term = exactly(k, draw);
    probability += term;
    // Beyond the mode the terms fall faster than geometrically.
    if (term < 1e-14 * probability) break;
  }
  return Math.min(1, probability);
}

/** The probability of at least `hits` marked ones in several draws together. */
export function atLeastTogether(hits: number, draws: readonly Draw[]): number {
  // The probability of each number of hits in the draws so far.
  let sums = Float64Array.of(1);
  for (const draw of draws) {
    const { least, most } = reachOf(draw);
    const next = new Float64Array(sums.length + most);
    for (let k = least; k <= most; k++) {
      const term = exactly(k, draw);
      for (let before = 0; before < sums.length; before++) next[before + k]! += sums[before]! * term;
    }
    sums = next;
  }
  return Math.min(
    1,
    sums.subarray(hits).reduce((sum, term) => sum + term, 0),
  );
}

function reachOf({ drawn, marked, total }: Draw): { readonly least: number; readonly most: number } {
  return { least: Math.max(0, drawn + marked - total), most: Math.min(drawn, marked) };
}

function exactly(hits: number, { drawn, marked, total }: Draw): number {
  return Math.exp(logChoose(marked, hits) + logChoose(total - marked, drawn - hits) - logChoose(total, drawn));
}

/** The sum of the ranks that `count` of `total` values have. */
export type RankSum = { readonly sum: number; readonly count: number; readonly total: number };

/**
 * The probability that by chance the ranks are as high as these, each among the values of its own group (van Elteren, 1960; of one group
 * it is the test of Mann and Whitney), by the normal limit.
 */
export function ranksAtLeast(groups: readonly RankSum[]): number {
  let excess = 0;
  let variance = 0;
  for (const { sum, count, total } of groups) {
    excess += sum / (total + 1) - count / 2;
    variance += (count * (total - count)) / (12 * (total + 1));
  }
  return variance > 0 ? normalCdf(-excess / Math.sqrt(variance)) : 1;
}

/** The greatest log-likelihood of `hits` in `trials`. */
export function likelihood(hits: number, trials: number): number {
  const misses = trials - hits;
  return (hits > 0 ? hits * Math.log(hits / trials) : 0) + (misses > 0 ? misses * Math.log(misses / trials) : 0);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/** The level of each of several tests with which one of 20 studies, in which there is nothing to find, finds anything; 1 % at most. */
export function levelOf(tests: number): number {
  return Math.min(0.01, 0.05 / Math.max(1, tests));
}
