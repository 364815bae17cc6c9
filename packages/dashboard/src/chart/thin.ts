import { grouped } from "../scale/words.ts";
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
  const order = [...trials.keys()].sort((a, b) => trials[b]!.rank - trials[a]!.rank || a - b);
  const chosen = new Set(order.slice(0, bestCount));
  const others = [...trials.keys()].filter((i) => !chosen.has(i));
  const room = most - bestCount;
  for (let i = 0; i < room; i++) chosen.add(others[Math.floor(((i + 0.5) * others.length) / room)]!);
  const [all, drawn] = [trials.length, chosen.size].map(grouped);
  return {
    kept: trials.filter((_, i) => chosen.has(i)),
    note: `Of ${all} ${noun} ${drawn} are drawn: the ${grouped(bestCount)} best, and of the others as many, evenly, as can be told apart.`,
  };
}
