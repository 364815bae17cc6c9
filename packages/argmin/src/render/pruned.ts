import type { TrialState } from "@argmin/search";
import { formatNumber } from "./format.ts";

/** A trial that was pruned or paused; values are absent or null where there are none. */
interface PrunedTrial {
  readonly state: TrialState;
  readonly value?: number | null;
  readonly step?: number | null;
  readonly reason?: string;
}

/**
 * `pruned at step 3 with accuracy 0.21 in 4 s: worse than the median`, `paused at step 3 with ...`, or `rejected in 1 ms: too large` where it reported nothing.
 *
 * @param time - What comes before the reason: " in 4 s".
 */
export function prunedText({ state, value, step, reason }: PrunedTrial, metric: string, time: string): string {
  const isJudged = typeof value === "number" || typeof step === "number";
  const place = typeof step === "number" ? ` at step ${step}` : "";
  const result = typeof value === "number" ? ` with ${metric} ${formatNumber(value)}` : "";
  return `${isJudged ? state : "rejected"}${place}${result}${time}${reason === undefined ? "" : `: ${reason}`}`;
}
