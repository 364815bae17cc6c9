import { isFinished, type RunSummary, type StopReason, type StopRules, type TrialRecord } from "@argmin/search";
import type { CostLimits } from "../execution/cost-limits.ts";
import type { SearchOutcome, SearchSettings } from "../execution/search.ts";
import type { ExitName } from "../exit-codes.ts";
import { formatAmount, formatDuration, formatNumber } from "../render/format.ts";
import { renderBest } from "../render/summary.ts";
import { bestOf, isRejected, studyDocument, trialDocument, type Describe, type TrialDocument } from "../results/document.ts";
import { errorDocument, printDocument, printText } from "./output.ts";

/** A run of a study that has ended, and how it is to be told of. */
export interface SearchReport extends Pick<SearchSettings, "experiment" | "study" | "stop" | "limits" | "pool" | "terminal"> {
  readonly asJson: boolean;
  /** Why the run has ended, where who supervised it has a word for it. */
  readonly reason?: string | undefined;
}

/**
 * Prints what came of a run.
 *
 * @throws what the experiment's last step threw, everything else having been printed.
 */
export async function reportSearch(
  { experiment, study, stop, limits, pool, asJson, terminal, reason }: SearchReport,
  { summary, finish, stopped, failure }: SearchOutcome,
): Promise<ExitName> {
  if (failure !== undefined && !asJson) throw failure.error;
  const { id, name, direction } = study.definition;
  const trials = await study.storage.trials(id);
  const describe: Describe = (assignment) => experiment.space.describe(assignment);
  const found = bestOf(trials, direction);
  const best = found === undefined ? undefined : trialDocument(describe, found);
  const result = finish?.trial === best?.number ? finish?.result : undefined;
  if (asJson) {
    printDocument(terminal, {
      study: studyDocument(study.definition, experiment.metric, pool.options),
      experiment: experiment.name,
      settings: settingsDocument(stop, limits, pool),
      stopped: summary.reason,
      trials: trials.map((trial) => trialDocument(describe, trial)),
      best: best ?? null,
      finish: result ?? null,
      ...(failure === undefined ? {} : errorDocument(failure.error)),
    });
    if (failure !== undefined) throw failure.error;
  } else if (best !== undefined)
    printText(terminal, renderBest({ study: name, metric: experiment.metric, best, finish: result }));
  terminal.messages.write(
    `${closingLine(name, experiment.metric, { ...summary, why: reason ?? reasons[summary.reason] }, trials, best)}\n`,
  );
  if (stopped !== undefined) return stopped;
  return best === undefined ? "noResult" : "ok";
}

/** How a run was done: nothing of it changes what its trials are. */
function settingsDocument(
  stop: StopRules,
  limits: CostLimits,
  { size, device, threads, trialTimeoutMs, memoryLimit }: SearchSettings["pool"],
): object {
  return {
    trials: stop.trials ?? null,
    timeoutMs: stop.timeoutMs ?? null,
    target: stop.target ?? null,
    patience: stop.patience ?? null,
    budget: stop.budget ?? null,
    workers: size,
    device,
    threads,
    trialTimeoutMs: trialTimeoutMs ?? null,
    memoryLimitBytes: memoryLimit ?? null,
    maxParameters: limits.parameters ?? null,
    maxFlops: limits.flops ?? null,
    maxMemoryBytes: limits.memoryBytes ?? null,
  };
}

const reasons: { readonly [R in StopReason]: string } = {
  trials: "all trials are done",
  target: "the target is reached",
  patience: "there was no progress for as many trials as --patience allows",
  timeoutMs: "the time is up",
  budget: "the budget is spent",
  exhausted: "every combination has been tried",
  failure: "a trial failed",
  signal: "stopped; the same command goes on",
  abort: "stopped; the same command goes on",
};

function closingLine(
  study: string,
  metric: string,
  { why, finished, elapsedMs }: RunSummary & { readonly why: string },
  trials: readonly TrialRecord[],
  best: TrialDocument | undefined,
): string {
  const ended = trials.filter(isFinished).length;
  const paused = trials.filter(({ state }) => state === "paused").length;
  const counts = [formatAmount(ended, "trial"), ...notable(trials)].join(", ");
  const here = finished === ended - paused ? "" : `, ${finished} of them in this run`;
  const result =
    best?.value === undefined || best.value === null ? "no trial is complete" : `best ${metric} ${formatNumber(best.value)}`;
  return `Study '${study}': ${why} (${counts}${here}, ${formatDuration(elapsedMs)}); ${result}.`;
}

/** How many trials ended otherwise than complete: `12 of them pruned`, `1 failed`. */
function notable(trials: readonly TrialRecord[]): readonly string[] {
  const rejected = trials.filter(isRejected).length;
  const pruned = trials.filter(({ state }) => state === "pruned").length - rejected;
  const failed = trials.filter(({ state }) => state === "failed").length;
  const counts = [
    [pruned, "pruned"],
    [trials.filter(({ state }) => state === "paused").length, "paused"],
    [rejected, "rejected"],
    [failed, "failed"],
  ] as const;
  return counts.filter(([count]) => count > 0).map(([count, how], i) => `${count}${i === 0 ? " of them" : ""} ${how}`);
}
