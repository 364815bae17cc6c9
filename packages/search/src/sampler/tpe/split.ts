import type { Rng } from "@argmin/base";
import { finishedStates, type History } from "../history.ts";

/** What becomes of trials that failed: they count among the bad ones, or not at all. */
export type FailedPolicy = "bad" | "ignore";

const complete = finishedStates.indexOf("complete");
const failed = finishedStates.indexOf("failed");

/**
 * The order of a history's rows from best to worst: complete trials by objective, then pruned ones, the further they came the
 * better and by objective at the same step, then those that nothing is known of. Of equals the earlier is better.
 */
export type Ranking = {
  /** Objectives of complete rows, infinity of all others: where they differ they tell which row is better. */
  readonly keys: Float64Array;
  readonly isBetter: (row: number, other: number) => boolean;
  /** Whether a row says how good its assignment is: a failed trial does not, nor one pruned before it had a value. */
  readonly isRanked: (row: number) => boolean;
};

export function rankingOf(history: History): Ranking {
  const { states, objectives, steps } = history;
  const isRanked = (row: number): boolean => states[row] !== failed && !Number.isNaN(objectives[row]!);
  const isBetter = (row: number, other: number): boolean => {
    const [ranked, otherRanked] = [isRanked(row), isRanked(other)];
    if (!ranked || !otherRanked) return ranked && !otherRanked;
    const [done, otherDone] = [states[row] === complete, states[other] === complete];
    if (done !== otherDone) return done;
    if (done) return objectives[row]! < objectives[other]!;
    // A step that is not known is the first.
    const [step, otherStep] = [steps[row]! || 0, steps[other]! || 0];
    return step === otherStep ? objectives[row]! < objectives[other]! : step > otherStep;
  };
  const keys = objectives.slice();
  for (let row = 0; row < keys.length; row++) {
    if (states[row] !== complete || Number.isNaN(keys[row]!)) keys[row] = Number.POSITIVE_INFINITY;
  }
  return { keys, isBetter, isRanked };
}

/** The rows that count: all but failed ones, if those are to be ignored. */
export function countedRows(history: History, rows: Uint32Array, policy: FailedPolicy): Uint32Array {
  if (policy === "bad") return rows;
  const { states } = history;
  return rows.filter((row) => states[row] !== failed);
}

/** Rows of a history by what they are worth to an estimator. */
export type Split = {
  /** The best rows, best first. */
  readonly good: Uint32Array;
  /** The others, or some of them. */
  readonly bad: Uint32Array;
  /** How many rows each of `bad` stands for. */
  readonly weights: Float64Array;
};

/**
 * The best `goodCount` rows that are ranked, and the others: all of them up to `badLimit`; beyond it the better half of
 * `badLimit`, since the search is among them, and of the rest one from each of as many equally long parts, drawn by `rng`.
 */
export function splitRows(ranking: Ranking, rows: Uint32Array, goodCount: number, badLimit: number, rng: Rng): Split {
  const nearCount = Math.floor(badLimit / 2);
  const best = bestRows(ranking, rows, goodCount + nearCount);
  let goods = 0;
  while (goods < goodCount && goods < best.length && ranking.isRanked(best[goods]!)) goods++;
  const good = best.slice(0, goods);
  const others = rows.length - goods;
  const isAll = others <= badLimit;
  const near = isAll ? 0 : nearCount;
  const bad = new Uint32Array(isAll ? others : badLimit);
  bad.set(best.subarray(goods, goods + near));
  const weights = new Float64Array(bad.length).fill(1);
  const taken = new Uint8Array(ranking.keys.length);
  for (let i = 0; i < goods + near; i++) taken[best[i]!] = 1;
  const rest = others - near;
  const parts = bad.length - near;
  let place = 0;
  for (let part = 0, passed = 0; part < parts; part++) {
    const [from, to] = [Math.floor((part * rest) / parts), Math.floor(((part + 1) * rest) / parts)];
    const wanted = isAll ? from : from + rng.integer(to - from);
    for (; passed <= wanted; passed++, place++) while (taken[rows[place]!] === 1) place++;
    bad[near + part] = rows[place - 1]!;
    weights[near + part] = to - from;
  }
  return { good, bad, weights };
}

/** The best rows, best first: one pass over all of them, each compared with the worst that is kept. */
function bestRows(ranking: Ranking, rows: Uint32Array, count: number): Uint32Array {
  const best = new Uint32Array(Math.min(count, rows.length));
  let length = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (length === best.length) {
      if (length === 0 || !precedes(ranking, row, best[length - 1]!)) continue;
      length -= 1;
    }
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (precedes(ranking, row, best[middle]!)) high = middle;
      else low = middle + 1;
    }
    best.copyWithin(low + 1, low, length);
    best[low] = row;
    length += 1;
  }
  return best;
}

/** `isBetter`, faster where the keys tell. */
function precedes({ keys, isBetter }: Ranking, row: number, other: number): boolean {
  const key = keys[row]!;
  const otherKey = keys[other]!;
  return key === Number.POSITIVE_INFINITY && otherKey === key ? isBetter(row, other) : key < otherKey;
}
