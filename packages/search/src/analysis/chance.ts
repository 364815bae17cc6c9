import { logGamma, normalCdf } from "@argmin/base";

/**
 * The probability of at least `hits` marked ones among `drawn` taken from `total` of which `marked` are marked: the one-sided test of
 * Fisher.
 */
export function atLeast(hits: number, drawn: number, marked: number, total: number): number {
  const most = Math.min(drawn, marked);
  const least = Math.max(0, drawn + marked - total);
  if (hits <= least) return 1;
  let probability = 0;
  for (let k = hits; k <= most; k++) {
    const term = Math.exp(logChoose(marked, k) + logChoose(total - marked, drawn - k) - logChoose(total, drawn));
    probability += term;
    // Beyond the mode the terms fall faster than geometrically.
    if (term < 1e-14 * probability) break;
  }
  return Math.min(1, probability);
}

/** The probability that `count` of `total` ranks, drawn by chance, have a mean of at least `mean` (Mann and Whitney, by its normal limit). */
export function ranksAtLeast(mean: number, count: number, total: number): number {
  const deviation = Math.sqrt(((total - count) * (total + 1)) / (12 * count));
  return deviation > 0 ? normalCdf(((total + 1) / 2 - mean) / deviation) : 1;
}

/** The greatest log-likelihood of `hits` in `trials`. */
export function likelihood(hits: number, trials: number): number {
  const misses = trials - hits;
  return (hits > 0 ? hits * Math.log(hits / trials) : 0) + (misses > 0 ? misses * Math.log(misses / trials) : 0);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
