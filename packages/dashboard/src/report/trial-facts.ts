import type { Direction } from "@argmin/search";
import type { ChartedTrial } from "../chart/charted-study.ts";
import { fateOf } from "../chart/fate.ts";

/** A complete trial with a finite result. */
export type ResultTrial = ChartedTrial & { readonly value: number };

/** The best complete trials; of equal ones the first by number comes first. */
export function bestTrials(trials: readonly ChartedTrial[], direction: Direction, most: number): readonly ResultTrial[] {
  const sign = direction === "minimize" ? 1 : -1;
  return trials
    .filter(hasResult)
    .sort((a, b) => sign * (a.value - b.value) || a.number - b.number)
    .slice(0, most);
}

function hasResult(trial: ChartedTrial): trial is ResultTrial {
  return trial.state === "complete" && trial.value !== undefined && Number.isFinite(trial.value);
}

/** How long a trial took, in milliseconds; undefined if nobody knows. */
export function durationOf({ startedAt, finishedAt }: ChartedTrial): number | undefined {
  return startedAt === undefined || finishedAt === undefined ? undefined : Math.max(0, finishedAt - startedAt);
}

/** When the first trial began and the last one ended, and how long all took together, in milliseconds; undefined before any has ended. */
export function timesOf(
  trials: readonly ChartedTrial[],
): { readonly from: number; readonly to: number; readonly busy: number } | undefined {
  let [from, to, busy] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const { startedAt, finishedAt } of trials) {
    if (startedAt === undefined || finishedAt === undefined) continue;
    from = Math.min(from, startedAt);
    to = Math.max(to, finishedAt);
    busy += Math.max(0, finishedAt - startedAt);
  }
  return to >= from ? { from, to, busy } : undefined;
}

/** Trials without a full result, for the same reason. */
export interface EarlyEnd {
  /** "rejected": given up before anything was reported, as a candidate that is too large is. */
  readonly kind: "failed" | "no number" | "rejected" | "pruned";
  /** The first line of the first one's message. */
  readonly reason: string;
  /** The code of its error, if it had one. */
  readonly code?: string;
  /** Of the trials, ascending. */
  readonly numbers: readonly number[];
}

/** Why trials failed, were pruned or rejected: reasons that differ in their numbers only are one. Failures first, then the most frequent. */
export function earlyEnds(trials: readonly ChartedTrial[]): readonly EarlyEnd[] {
  const groups = new Map<string, EarlyEnd & { readonly numbers: number[] }>();
  for (const trial of trials.toSorted((a, b) => a.number - b.number)) {
    const end = endOf(trial);
    if (end === undefined) continue;
    const key = [end.kind, end.code ?? "", end.reason.replaceAll(/\d+(?:\.\d+)?/g, "#")].join("\n");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ...end, numbers: [trial.number] });
    else group.numbers.push(trial.number);
  }
  return [...groups.values()].sort((a, b) => order[a.kind] - order[b.kind] || b.numbers.length - a.numbers.length);
}

const order: { readonly [K in EarlyEnd["kind"]]: number } = { failed: 0, "no number": 1, rejected: 2, pruned: 3 };

function endOf(trial: ChartedTrial): Omit<EarlyEnd, "numbers"> | undefined {
  const fate = fateOf(trial);
  if (fate === "failed") {
    const { message = "", code } = trial.error ?? {};
    return { kind: "failed", reason: firstLine(message), ...(code === undefined ? {} : { code }) };
  }
  if (fate === "no-number") return { kind: "no number", reason: `the result was ${String(trial.value)}` };
  if (fate === "pruned" || fate === "rejected") return { kind: fate, reason: firstLine(trial.reason ?? "") };
  return undefined;
}

const longestReason = 300;

function firstLine(message: string): string {
  const line = message.trim().split("\n", 1)[0]!.trim();
  if (line === "") return "no reason was given";
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line;
}
