import { ranksAtLeast, type RankSum } from "./chance.ts";
import { ranksOf } from "./ranks.ts";
import { periodsOf } from "./period.ts";

/** Counts of one option of a choice, among the trials in which the choice was active. */
export type OptionCount = {
  /** The index of the option; of a `randint`, which counts as a choice, that of the value among its values. */
  readonly option: number;
  readonly trials: number;
  /** How many of the best trials have it; see `Region`. */
  readonly best: number;
  /** Its trials are worse than the others' beyond chance, hardly any is among the best, and none is the best of all. */
  readonly isLosing: boolean;
};

const fewestTrials = 5;
/** An option that has less than this of its fair share of the best trials has hardly any. */
const leastShare = 0.1;

/**
 * Counts each option.
 *
 * @param codes - The options of the trials, in order of the trials' numbers.
 * @param level - The probability with which any option of a choice that does not matter may be said to lose.
 */
export function countOptions(
  options: number,
  codes: Float64Array,
  losses: Float64Array,
  isBest: Uint8Array,
  level: number,
): readonly OptionCount[] {
  const winner = codes[losses.indexOf(losses.reduce((least, loss) => Math.min(least, loss), Number.POSITIVE_INFINITY))];
  const bestOf = isBest.reduce((sum, flag) => sum + flag, 0);
  const trials = new Uint32Array(options);
  const best = new Uint32Array(options);
  for (const [row, option] of codes.entries()) {
    trials[option]! += 1;
    best[option]! += isBest[row]!;
  }
  const rankSums = rankSumsOf(options, codes, losses);
  return Array.from({ length: options }, (_, option) => {
    const [count, hits] = [trials[option]!, best[option]!];
    const isRare = option !== winner && hits * codes.length <= leastShare * bestOf * count;
    const isLosing = count >= fewestTrials && isRare && ranksAtLeast(rankSums[option]!) < level / options;
    return { option, trials: count, best: hits, isLosing };
  });
}

/** For each option the sums of its ranks within each period. */
function rankSumsOf(options: number, codes: Float64Array, losses: Float64Array): readonly (readonly RankSum[])[] {
  const periods = periodsOf(codes.length).map(({ start, end }) => {
    const ranks = ranksOf(losses.subarray(start, end));
    const sums = new Float64Array(options);
    const counts = new Uint32Array(options);
    for (const [i, rank] of ranks.entries()) {
      const option = codes[start + i]!;
      sums[option]! += rank;
      counts[option]! += 1;
    }
    return { sums, counts, total: end - start };
  });
  return Array.from({ length: options }, (_, option) =>
    periods.map(({ sums, counts, total }) => ({ sum: sums[option]!, count: counts[option]!, total })),
  );
}
