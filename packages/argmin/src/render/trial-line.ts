import type { TrialRecord } from "@argmin/search";
import { durationOf, valueOf } from "../results/document.ts";
import { formatDuration, formatNumber } from "./format.ts";
import { prunedText } from "./pruned.ts";

/** What is said of a trial that has ended, in a line. */
export function trialLine(trial: TrialRecord, metric: string): string {
  const seconds = durationOf(trial);
  const time = seconds === undefined ? "" : ` in ${formatDuration(seconds * 1000)}`;
  const value = valueOf(trial);
  if (trial.state === "pruned" || trial.state === "paused") return `Trial ${trial.number} ${prunedText(trial, metric, time)}`;
  if (trial.state === "failed") return `Trial ${trial.number} failed${time}: ${trial.error.message}`;
  return `Trial ${trial.number} ${trial.state}${value === undefined ? "" : `: ${metric} ${formatNumber(value)}`}${time}`;
}
