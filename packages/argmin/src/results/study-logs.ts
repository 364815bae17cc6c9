import type { JsonObject, JsonValue } from "@argmin/base";
import { EventFile, type HparamInfo } from "@argmin/nn";
import { isFinished, spaceFromJson, type StudyRecord, type TrialRecord, type TrialReport } from "@argmin/search";
import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { isStopped, valueOf, type Describe } from "./document.ts";
import { hparamColumns, hparamValues } from "./hparam-columns.ts";

/** A study as it is exported. */
export interface ExportedStudy {
  readonly record: StudyRecord;
  readonly metric: string;
  readonly describe: Describe;
  readonly trials: readonly TrialRecord[];
  /** By the number of the trial, in any order. */
  readonly reports: ReadonlyMap<number, readonly TrialReport[]>;
  /** What `argmin show` says of it: name, sampler, seed and so on. */
  readonly document: JsonObject;
}

/**
 * Writes a study as TensorBoard's logs: the experiment in the folder itself, and a run a trial below it, `trial-12`, with the trial's
 * parameters, its reports under `reports/`, its value under `value` and how it ended. A run that is there is written anew; those of
 * trials that the study does not have go.
 *
 * A failed trial is a failure, a complete or pruned one a success, and one that runs still is running; what waits is left out. Logs
 * hold float32.
 *
 * @returns how many trials were written.
 * @throws ArgminError `file/*` if a file cannot be written.
 */
export async function writeStudyLogs(folder: string, study: ExportedStudy): Promise<number> {
  const { record, metric, describe, reports } = study;
  const trials = study.trials.filter(({ state }) => state !== "waiting");
  const space = record.space === null ? undefined : spaceFromJson(record.space);
  const columns = hparamColumns(
    space,
    trials.map(({ assignment }) => describe(assignment)),
  );
  const createdAt = record.createdAt / 1000;
  const root = await EventFile.open(folder, { keepUntil: -1, now: () => createdAt });
  root.experiment({
    name: record.name,
    description: `argmin's study ${record.name}, to ${record.direction} the ${metric}`,
    hparams: columns,
    createdAt,
    metrics: [
      { tag: "value", title: metric },
      ...reportedMetrics(reports).map((name) => ({ tag: reportTag("", name), title: name })),
    ],
  });
  root.text("study", markdownTable(study.document), 0);
  await root.flush();
  const runOf = runNames(study.trials);
  await removeOthers(folder, new Set(trials.map(runOf)));
  for (const trial of trials) await writeTrial(join(folder, runOf(trial)), trial, columns, study);
  return trials.length;
}

/** The run of a trial, its folder's name: `trial-7`, among a hundred and more `trial-007`, so that names sort as numbers do. */
function runNames(trials: readonly TrialRecord[]): (trial: TrialRecord) => string {
  const digits = String(trials.reduce((last, { number }) => Math.max(last, number), 0)).length;
  return ({ number }) => `trial-${String(number).padStart(digits, "0")}`;
}

/** Takes trials out that another study had, or this one before it began anew. What somebody else put into their folders stays. */
async function removeOthers(folder: string, runs: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^trial-\d+$/.test(name) || runs.has(name)) continue;
    await EventFile.open(join(folder, name), { keepUntil: -1 });
    await rmdir(join(folder, name)).catch(() => undefined);
  }
}

async function writeTrial(
  run: string,
  trial: TrialRecord,
  columns: readonly HparamInfo[],
  { describe, reports }: ExportedStudy,
): Promise<void> {
  const startedAt = ("startedAt" in trial ? trial.startedAt : 0) / 1000;
  const endedAt = isFinished(trial) ? trial.finishedAt / 1000 : startedAt;
  const own = (reports.get(trial.number) ?? []).toSorted((a, b) => a.step - b.step);
  const file = await EventFile.open(run, { keepUntil: -1, now: () => endedAt });
  file.sessionStart({ hparams: hparamValues(columns, describe(trial.assignment)), startedAt });
  for (const { step, phase, metrics } of own)
    for (const [name, value] of Object.entries(metrics)) file.scalar(reportTag(phase, name), value, step);
  const value = valueOf(trial);
  const lastStep = own.reduce((last, { step }) => Math.max(last, step), 0);
  if (value !== undefined) file.scalar("value", value, lastStep);
  file.text("trial", trialText(trial), lastStep);
  if (isFinished(trial)) file.sessionEnd({ status: trial.state === "failed" ? "failure" : "success", endedAt });
  else file.sessionEnd({ status: "running" });
  await file.flush();
}

function reportTag(phase: string, metric: string): string {
  return ["reports", ...(phase === "" ? [] : [phase]), metric].join("/");
}

/** The names of what is reported of whole trials, not of their parts. */
function reportedMetrics(reports: ExportedStudy["reports"]): readonly string[] {
  const names = new Set<string>();
  for (const own of reports.values())
    for (const { phase, metrics } of own) if (phase === "") for (const name of Object.keys(metrics)) names.add(name);
  return [...names];
}

/** How a trial went, in Markdown. */
function trialText(trial: TrialRecord): string {
  const error = trial.state === "failed" ? { error: trial.error.message, code: trial.error.code ?? null } : {};
  const pruned = isStopped(trial) ? { step: trial.step ?? null, reason: trial.reason ?? null } : {};
  return markdownTable({ state: trial.state, value: valueOf(trial) ?? null, ...pruned, ...error, ...trial.attributes });
}

/** A table of two columns, without what is null. */
function markdownTable(object: JsonObject): string {
  const cell = (value: JsonValue): string =>
    (typeof value === "string" ? value : JSON.stringify(value)).replaceAll("|", String.raw`\|`).replaceAll(/\s*\n\s*/g, " ");
  const rows = Object.entries(object).flatMap(([name, value]) => (value === null ? [] : [`| ${cell(name)} | ${cell(value)} |`]));
  return ["| | |", "|---|---|", ...rows].join("\n");
}
