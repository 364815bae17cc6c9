import type { JsonObject, JsonValue } from "@argmin/base";
import {
  isBetter,
  isFinished,
  type Assignment,
  type Direction,
  type FlatValues,
  type StudyRecord,
  type TrialRecord,
  type TrialReport,
} from "@argmin/search";

/** A trial as every JSON output of the program shows it. Times are ISO 8601, durations seconds. */
export interface TrialDocument {
  readonly number: number;
  readonly state: TrialRecord["state"];
  /** Active parameters only: label -> value, a choice as the option itself where it is a scalar. */
  readonly params: Readonly<Record<string, JsonValue>>;
  readonly value: number | null;
  readonly duration: number | null;
  readonly attributes: JsonObject;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** How often it was begun. */
  readonly attempts: number;
  /** How far a pruned or paused trial came, and why no further; no step if it was rejected before it reported anything. */
  readonly step?: number;
  readonly reason?: string;
  readonly error?: { readonly code: string | null; readonly message: string; readonly stack: string | null };
  readonly reports?: readonly JsonObject[];
}

/** A study as every JSON output of the program shows it. */
export function studyDocument(record: StudyRecord, metric: string, options: JsonObject): JsonObject {
  const { name, direction, sampler, pruner, seed, duplicates, retries, createdAt } = record;
  return { name, metric, direction, sampler, pruner, seed, duplicates, retries, options, createdAt: isoTime(createdAt) };
}

/** An assignment as people read it. */
export type Describe = (assignment: Assignment) => FlatValues;

export function trialDocument(describe: Describe, trial: TrialRecord, reports?: readonly TrialReport[]): TrialDocument {
  const finished = isFinished(trial) ? trial : undefined;
  return {
    number: trial.number,
    state: trial.state,
    params: describe(trial.assignment),
    value: valueOf(trial) ?? null,
    duration: durationOf(trial) ?? null,
    attributes: trial.attributes,
    startedAt: "startedAt" in trial ? isoTime(trial.startedAt) : null,
    finishedAt: finished === undefined ? null : isoTime(finished.finishedAt),
    attempts: trial.attempts,
    ...(trial.state === "failed"
      ? { error: { code: trial.error.code ?? null, message: trial.error.message, stack: trial.error.stack ?? null } }
      : {}),
    ...(isStopped(trial) && trial.step !== undefined ? { step: trial.step } : {}),
    ...(isStopped(trial) && trial.reason !== undefined ? { reason: trial.reason } : {}),
    ...(reports === undefined ? {} : { reports: reports.map(reportDocument) }),
  };
}

/** Metrics that JSON has no word for (a loss of NaN) become null. */
function reportDocument({ step, phase, metrics }: TrialReport): JsonObject {
  const written: JsonObject = Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  );
  return { step, ...(phase === "" ? {} : { phase }), metrics: written };
}

/** The best complete trial; of equal ones the first by number, whichever finished first. */
export function bestOf(trials: readonly TrialRecord[], direction: Direction): CompleteTrial | undefined {
  let best: CompleteTrial | undefined;
  for (const trial of trials) {
    if (trial.state !== "complete") continue;
    const isFirst = best !== undefined && trial.value === best.value && trial.number < best.number;
    if (best === undefined || isBetter(direction, trial.value, best.value) || isFirst) best = trial;
  }
  return best;
}

type CompleteTrial = Extract<TrialRecord, { state: "complete" }>;

/** A trial's value, if it has one. */
export function valueOf(trial: TrialRecord): number | undefined {
  return trial.state === "complete" || isStopped(trial) ? trial.value : undefined;
}

type StoppedTrial = Extract<TrialRecord, { state: "pruned" | "paused" }>;

/** Whether a trial stopped before its end, for good or for now. */
export function isStopped(trial: TrialRecord): trial is StoppedTrial {
  return trial.state === "pruned" || trial.state === "paused";
}

/** Whether it was given up before it reported anything, as a candidate that is too large is; of a record or a document. */
export function isRejected(trial: {
  readonly state: TrialRecord["state"];
  readonly value?: number | null;
  readonly step?: number;
}): boolean {
  return trial.state === "pruned" && typeof trial.value !== "number" && trial.step === undefined;
}

/** How long a finished trial took, in seconds: its last attempt, and from its last promotion on. */
export function durationOf(trial: TrialRecord): number | undefined {
  return isFinished(trial) ? Math.max(0, trial.finishedAt - trial.startedAt) / 1000 : undefined;
}

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** What was made of the best trial, once and for all. */
export interface FinishRecord {
  readonly trial: number;
  readonly result: JsonObject;
}
