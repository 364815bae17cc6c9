import type { Direction } from "@argmin/search";
import { hasResult, type ChartedTrial } from "../chart/charted-study.ts";
import { fateOf, type Fate } from "../chart/fate.ts";
import { reasonOf, withoutNumbers } from "../chart/reason.ts";

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
  readonly fate: EarlyFate;
  /** The first line of the first one's message. */
  readonly reason: string;
  /** The code of its error, if it had one. */
  readonly code?: string;
  /** Of the trials, ascending. */
  readonly numbers: readonly number[];
}

const earlyFates = ["failed", "no-number", "rejected", "pruned", "paused"] as const satisfies readonly Fate[];

type EarlyFate = (typeof earlyFates)[number];

/** Why trials failed, were pruned, paused or rejected: reasons that differ in their numbers only are one. Failures first, then the most frequent. */
export function earlyEnds(trials: readonly ChartedTrial[]): readonly EarlyEnd[] {
  const groups = new Map<string, EarlyEnd & { readonly numbers: number[] }>();
  for (const trial of trials.toSorted((a, b) => a.number - b.number)) {
    const end = endOf(trial);
    if (end === undefined) continue;
    const key = [end.fate, end.code ?? "", withoutNumbers(end.reason)].join("\n");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ...end, numbers: [trial.number] });
    else group.numbers.push(trial.number);
  }
  const place = ({ fate }: EarlyEnd): number => earlyFates.indexOf(fate);
  return [...groups.values()].sort((a, b) => place(a) - place(b) || b.numbers.length - a.numbers.length);
}

function endOf(trial: ChartedTrial): Omit<EarlyEnd, "numbers"> | undefined {
  const found = fateOf(trial);
  const fate = earlyFates.find((one) => one === found);
  if (fate === undefined) return undefined;
  if (fate === "no-number") return { fate, reason: `the result was ${String(trial.value)}` };
  const code = trial.state === "failed" ? trial.error?.code : undefined;
  return { fate, reason: reasonOf(trial) ?? "no reason was given", ...(code === undefined ? {} : { code }) };
}
