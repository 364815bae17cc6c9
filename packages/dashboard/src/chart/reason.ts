import type { ChartedTrial } from "./charted-study.ts";

const longest = 300;

/** Why a trial failed, was pruned, paused or rejected: the first line of what was said. `undefined` of other trials, and where nothing was said. */
export function reasonOf(trial: Pick<ChartedTrial, "state" | "error" | "reason">): string | undefined {
  const isStopped = trial.state === "pruned" || trial.state === "paused";
  const text = trial.state === "failed" ? trial.error?.message : isStopped ? trial.reason : undefined;
  const line = text?.trim().split("\n", 1)[0]!.trim();
  if (line === undefined || line === "") return undefined;
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** A reason with its numbers left out: those that differ in nothing else are told as one. */
export function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+(?:[.,]\d+)*(?:e[+-]?\d+)?/gi, "…");
}
