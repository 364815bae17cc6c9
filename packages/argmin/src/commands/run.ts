import { lintSpace, type RunSummary, type StopReason, type StopRules, type Study, type TrialRecord } from "@argmin/search";
import type { ExitName } from "../exit-codes.ts";
import { costLimits, type CostLimits } from "../execution/cost-limits.ts";
import { Search, type SearchOutcome, type SearchSettings } from "../execution/search.ts";
import type { Experiment } from "../experiment.ts";
import type { CommandInput } from "../flags/command.ts";
import { formatAmount, formatDuration, formatNumber } from "../render/format.ts";
import { renderBest } from "../render/summary.ts";
import { bestOf, isRejected, studyDocument, trialDocument, type Describe, type TrialDocument } from "../results/document.ts";
import type { Terminal } from "../terminal.ts";
import type { runFlags } from "./flags.ts";
import { openExperiment } from "./open-experiment.ts";
import { openStudyOf } from "./open-study.ts";
import { errorDocument, printDocument, printText } from "./output.ts";
import { places, studyFolder, withStorage } from "./studies.ts";
import { workerSettings } from "./worker-settings.ts";

type Flags = CommandInput<typeof runFlags>["flags"];

/** `argmin run`. */
export async function run(
  { words: [word], flags, options: given }: CommandInput<typeof runFlags>,
  terminal: Terminal,
): Promise<ExitName> {
  const { experiment, reference } = await openExperiment(word ?? "", flags, terminal);
  const limits = costLimits(experiment, flags);
  const where = places(flags, terminal);
  return withStorage(where.database, async (storage) => {
    const { study, options, isNew } = await openStudyOf(experiment, flags, given, storage, terminal);
    if (reference.kind === "file" && study.history.length === 0) advise(experiment, terminal);
    const stop = stopRules(experiment, flags);
    const pool = {
      ...workerSettings(reference, options, flags, terminal),
      size: flags.workers ?? 1,
      trialTimeoutMs: flags["trial-timeout"],
      prepareTimeoutMs: flags.timeout === undefined ? undefined : Math.max(flags.timeout, leastLoadingMs),
    };
    const folder = studyFolder(where, study.name);
    const failFast = flags["fail-fast"] === true;
    const search = new Search({ experiment, options, study, stop, limits, failFast, folder, pool, terminal });
    const outcome = await search.run().catch(async (error: unknown) => {
      if (isNew) await forgetIfEmpty(study);
      if (!(await isKept(study))) await search.forget();
      throw error;
    });
    return report({ experiment, study, stop, limits, pool, asJson: flags.json === true, terminal, ...outcome });
  });
}

/** A study whose first run could not begin would only refuse the settings of the next one. */
async function forgetIfEmpty({ storage, definition: { id } }: Study<unknown>): Promise<void> {
  if ((await storage.trials(id)).length === 0) await storage.deleteStudy(id);
}

/** Whether the study is still there, as far as can be told. */
async function isKept({ storage, name, definition: { id } }: Study<unknown>): Promise<boolean> {
  const found = await storage.findStudy(name).catch(() => ({ id }));
  return found?.id === id;
}

/** To start a process takes its time, however little the search is given. */
const leastLoadingMs = 30_000;

/** What the space seems to say against its author's intent: told once, at the beginning of a study. */
function advise({ space }: Experiment, terminal: Terminal): void {
  for (const { message } of lintSpace(space)) terminal.messages.write(`Advice: ${message}\n`);
}

/** The experiment's own number of trials holds unless the flags give another, or let time or steps be the limit. */
function stopRules(experiment: Experiment, { trials, budget, timeout, target, patience }: Flags): StopRules {
  const own = timeout !== undefined || budget !== undefined || experiment.trials === "unlimited" ? undefined : experiment.trials;
  const wanted = trials ?? own;
  return {
    ...(wanted === undefined ? {} : { trials: wanted }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(budget === undefined ? {} : { budget }),
    ...(target === undefined ? {} : { target }),
    ...(patience === undefined ? {} : { patience }),
  };
}

interface Report extends SearchOutcome {
  readonly experiment: Experiment;
  readonly study: Study<unknown>;
  readonly stop: StopRules;
  readonly limits: CostLimits;
  readonly pool: SearchSettings["pool"];
  readonly asJson: boolean;
  readonly terminal: Terminal;
}

async function report({
  experiment,
  study,
  stop,
  limits,
  pool,
  asJson,
  terminal,
  summary,
  finish,
  stopped,
  failure,
}: Report): Promise<ExitName> {
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
  terminal.messages.write(`${closingLine(name, experiment.metric, summary, trials, best)}\n`);
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
  { reason, finished, elapsedMs }: RunSummary,
  trials: readonly TrialRecord[],
  best: TrialDocument | undefined,
): string {
  const ended = trials.filter(({ state }) => state !== "waiting" && state !== "running").length;
  const counts = [formatAmount(ended, "trial"), ...notable(trials)].join(", ");
  const here = finished === ended ? "" : `, ${finished} of them in this run`;
  const result =
    best?.value === undefined || best.value === null ? "no trial is complete" : `best ${metric} ${formatNumber(best.value)}`;
  return `Study '${study}': ${reasons[reason]} (${counts}${here}, ${formatDuration(elapsedMs)}); ${result}.`;
}

/** How many trials ended otherwise than complete: `12 of them pruned`, `1 failed`. */
function notable(trials: readonly TrialRecord[]): readonly string[] {
  const rejected = trials.filter(isRejected).length;
  const pruned = trials.filter(({ state }) => state === "pruned").length - rejected;
  const failed = trials.filter(({ state }) => state === "failed").length;
  const counts = [
    [pruned, "pruned"],
    [rejected, "rejected"],
    [failed, "failed"],
  ] as const;
  return counts.filter(([count]) => count > 0).map(([count, how], i) => `${count}${i === 0 ? " of them" : ""} ${how}`);
}
