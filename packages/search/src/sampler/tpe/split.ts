import type { Rng } from "@argmin/base";
import { finishedStates, type History } from "../history.ts";

/** What becomes of trials that failed: they count among the bad ones, or not at all. */
export type FailedPolicy = "bad" | "ignore";

const complete = finishedStates.indexOf("complete");
const failed = finishedStates.indexOf("failed");

/** How good the outcome of a row is at best: of a lower class everything is better than anything of a higher one. */
function classOf(history: History, row: number): 0 | 1 | 2 {
  const state = history.states[row]!;
  if (state === failed || Number.isNaN(history.objectives[row]!)) return 2;
  return state === complete ? 0 : 1;
}

/** Whether a row says how good its assignment is: a failed trial does not, nor one pruned before it had a value. */
export function isRanked(history: History, row: number): boolean {
  return classOf(history, row) < 2;
}

/** How many of the rows count: all but failed ones, if those are to be ignored. */
export function countedRows(history: History, rows: Uint32Array, policy: FailedPolicy): Uint32Array {
  if (policy === "bad") return rows;
  const { states } = history;
  return rows.filter((row) => states[row] !== failed);
}

/** Rows of a history by what they are worth to an estimator. */
export type Split = {
  /** The best rows, best first. */
  readonly good: Uint32Array;
  /** Rows of the others, or as many of them as the estimator takes. */
  readonly bad: Uint32Array;
  /** How many rows each of `bad` stands for. */
  readonly weights: Float64Array;
};

/**
 * The best `goodCount` rows, and the others: all of them up to `badLimit`; beyond it the better half of `badLimit`, since the
 * search is among them, and of the rest one from each of as many equally long parts in the order of the rows, drawn by `rng`.
 *
 * @remarks Complete trials come before pruned ones, which come before those without a value; of equals the earlier is better.
 *   Rows without a value are never good.
 */
export function splitRows(history: History, rows: Uint32Array, goodCount: number, badLimit: number, rng: Rng): Split {
  const nearCount = Math.floor(badLimit / 2);
  const best = bestRows(history, rows, goodCount + nearCount);
  let goods = 0;
  while (goods < goodCount && goods < best.length && isRanked(history, best[goods]!)) goods++;
  const good = best.slice(0, goods);
  const others = rows.length - goods;
  if (others <= badLimit) {
    const isGood = new Set(good);
    const bad = rows.filter((row) => !isGood.has(row));
    return { good, bad, weights: new Float64Array(bad.length).fill(1) };
  }
  const near = best.slice(goods, goods + nearCount);
  const known = new Set(best.subarray(0, goods + near.length));
  const rest = rows.filter((row) => !known.has(row));
  const parts = badLimit - near.length;
  const bad = new Uint32Array(badLimit);
  const weights = new Float64Array(badLimit).fill(1);
  bad.set(near);
  for (let part = 0; part < parts; part++) {
    const [from, to] = [Math.floor((part * rest.length) / parts), Math.floor(((part + 1) * rest.length) / parts)];
    bad[near.length + part] = rest[from + rng.integer(to - from)]!;
    weights[near.length + part] = to - from;
  }
  return { good, bad, weights };
}

/** The best rows, best first: one pass over all of them, each compared with the worst that is kept. */
function bestRows(history: History, rows: Uint32Array, count: number): Uint32Array {
  const { objectives } = history;
  const best = new Uint32Array(Math.min(count, rows.length));
  const isBetter = (a: number, b: number): boolean => {
    const [first, second] = [classOf(history, a), classOf(history, b)];
    return first === second ? objectives[a]! < objectives[b]! : first < second;
  };
  let length = 0;
  for (const row of rows) {
    if (length === best.length) {
      if (length === 0 || !isBetter(row, best[length - 1]!)) continue;
      length -= 1;
    }
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBetter(row, best[middle]!)) high = middle;
      else low = middle + 1;
    }
    best.copyWithin(low + 1, low, length);
    best[low] = row;
    length += 1;
  }
  return best;
}
