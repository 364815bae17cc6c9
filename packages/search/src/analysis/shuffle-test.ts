import type { Rng } from "@argmin/base";
import type { Period } from "./period.ts";
import type { Statistic } from "./scan.ts";

/** How trials lie along a parameter, in order of the trials' numbers. */
export type Spread = {
  /** The bin, or the option, of each trial. */
  readonly binOf: Uint32Array;
  readonly bins: number;
  readonly isBest: Uint8Array;
};

/**
 * Whether the best trials are spread otherwise than chance would spread them: their statistic is compared with those of shuffles of which
 * trials are the best, within each period by itself. The probability of `true` where the parameter does not matter is `level` at most.
 *
 * @param statisticOf - The statistic, given how many of the best are expected in each bin.
 */
export function isBeyondChance(
  { binOf, bins, isBest }: Spread,
  statisticOf: (expected: Float64Array) => Statistic,
  periods: readonly Period[],
  level: number,
  rng: Rng,
): boolean {
  const expected = new Float64Array(bins);
  const own = new Float64Array(bins);
  const draws = periods.map(({ start, end }) => {
    let count = 0;
    for (let i = start; i < end; i++) count += isBest[i]!;
    for (let i = start; i < end; i++) {
      expected[binOf[i]!]! += count / (end - start);
      own[binOf[i]!]! += isBest[i]!;
    }
    return { start, end, count };
  });
  const statistic = statisticOf(expected);
  const score = statistic(own) - 1e-9;
  const words = new Uint32Array(draws.reduce((sum, { count }) => sum + count, 0));
  const places = binOf.slice();
  const shuffled = new Float64Array(bins);
  // With one rival and itself, that many of all make up the level.
  const shuffles = Math.ceil(2 / level) - 1;
  let rivals = 0;
  for (let shuffle = 0; shuffle < shuffles; shuffle++) {
    shuffled.fill(0);
    rng.fillUint32(words);
    let word = 0;
    for (const { start, end, count } of draws) {
      for (let i = start; i < start + count; i++) {
        const j = i + Math.floor((words[word++]! / 2 ** 32) * (end - i));
        const bin = places[j]!;
        places[j] = places[i]!;
        places[i] = bin;
        shuffled[bin]! += 1;
      }
    }
    if (statistic(shuffled) >= score) rivals += 1;
    if (rivals > 1) return false;
  }
  return true;
}
