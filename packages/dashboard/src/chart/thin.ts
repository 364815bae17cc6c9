import { grouped } from "@argmin/base";
import type { RankedTrial } from "./charted-study.ts";

/** Some of many trials, and the sentence that says so. */
export interface Thinned<T> {
  readonly kept: readonly T[];
  /** `undefined` where all were kept. */
  readonly note?: string;
}

/**
 * At most `most` trials: the best tenth of that, and of the others as many as there is room for, evenly over their numbers. What was kept
 * is as it was given, in its order.
 */
export function thinned<T extends Pick<RankedTrial, "rank">>(trials: readonly T[], most: number, noun = "trials"): Thinned<T> {
  if (trials.length <= most) return { kept: trials };
  const bestCount = Math.max(1, Math.floor(most / 10));
  const isBest = bestAmong(trials, bestCount);
  const [others, room] = [trials.length - bestCount, most - bestCount];
  let [seen, taken] = [0, 0];
  const kept = trials.filter((_, i) => {
    if (isBest[i] === 1) return true;
    // Of the others those in the middle of each of so many equal parts.
    const isTaken = taken < room && seen === Math.floor(((taken + 0.5) * others) / room);
    seen += 1;
    if (isTaken) taken += 1;
    return isTaken;
  });
  const [all, drawn] = [trials.length, kept.length].map(grouped);
  return {
    kept,
    note: `Of ${all} ${noun} ${drawn} are drawn: the ${grouped(bestCount)} best, and of the others as many, evenly, as can be told apart.`,
  };
}

/** 1 for each of the `count` best; of equals the first ones. */
function bestAmong(trials: readonly Pick<RankedTrial, "rank">[], count: number): Uint8Array {
  const ranks = new Float64Array(trials.length);
  for (let i = 0; i < ranks.length; i++) ranks[i] = trials[i]!.rank;
  const limit = ranks.toSorted()[ranks.length - count]!;
  let atLimit = count - ranks.reduce((sum, rank) => sum + (rank > limit ? 1 : 0), 0);
  return Uint8Array.from(ranks, (rank) => {
    if (rank !== limit) return rank > limit ? 1 : 0;
    atLimit -= 1;
    return atLimit >= 0 ? 1 : 0;
  });
}
