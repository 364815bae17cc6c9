import { ArgminError, canonicalJson, isJsonObject, parseJson, type JsonObject, type JsonValue } from "@argmin/base";
import type { Assignment } from "../../space/space.ts";
import {
  directions,
  type AddedTrial,
  type LateResult,
  type MetricChanges,
  type Result,
  type StudyRecord,
  type TrialReport,
} from "../storage.ts";
import {
  isFinished,
  knownOutcome,
  outcomeStates,
  trialStates,
  type ActiveTrial,
  type FinishedTrial,
  type Metrics,
  type Outcome,
  type PausePoint,
  type TrialError,
  type TrialFacts,
  type TrialRecord,
  type TrialState,
} from "../trial.ts";
import type { SqlRow, SqlValue } from "./driver.ts";

/*
 * The one place where rows become records and records become column values. What a database gives is checked, since other
 * programs can write to it.
 */

export function studyFromRow(row: SqlRow): StudyRecord {
  const [id, name, direction, space, sampler, settings, pruner, prunerSettings, metric, seed, duplicates, retries, createdAt] =
    row;
  return {
    id: number(id, "studies.id"),
    name: text(name, "studies.name"),
    direction: oneOf(direction, directions, "studies.direction"),
    space: space === null ? null : object(space, "studies.space"),
    sampler: { name: text(sampler, "studies.sampler"), settings: object(settings, "studies.sampler_settings") },
    pruner: {
      name: text(pruner, "studies.pruner"),
      settings: object(prunerSettings, "studies.pruner_settings"),
      metric: text(metric, "studies.pruner_metric"),
    },
    seed: seedFrom(json(seed, "studies.seed")),
    duplicates: text(duplicates, "studies.duplicates"),
    retries: number(retries, "studies.retries"),
    createdAt: number(createdAt, "studies.created_at"),
  };
}

export function studyToRow(study: StudyRecord): SqlRow {
  return [
    study.id,
    study.name,
    study.direction,
    study.space === null ? null : canonicalJson(study.space),
    study.sampler.name,
    canonicalJson(study.sampler.settings),
    study.pruner.name,
    canonicalJson(study.pruner.settings),
    study.pruner.metric,
    canonicalJson(study.seed),
    study.duplicates,
    study.retries,
    study.createdAt,
  ];
}

export function trialFromRow(row: SqlRow): TrialRecord {
  const [id, state, assignment, hash, origin, historySequence, attributes, attempts, createdAt, ...rest] = row;
  const [token, worker, startedAt, expiresAt, finishedAt, finishSequence, value, detail] = rest;
  const facts: TrialFacts = {
    number: number(id, "trials.number"),
    assignment: assignmentFrom(assignment),
    hash: hashFrom(hash),
    origin: originFrom(origin),
    historySequence: number(historySequence, "trials.history_sequence"),
    attempts: number(attempts, "trials.attempts"),
    attributes: object(attributes, "trials.attributes"),
    createdAt: number(createdAt, "trials.created_at"),
  };
  const reached = oneOf(state, trialStates, "trials.state");
  // An open trial that has a result was paused with it.
  const isPromoted = finishSequence !== null && (reached === "waiting" || reached === "running");
  const pause = isPromoted ? { pausedAt: pausePointFrom(value, detail) } : {};
  if (reached === "waiting") return { ...facts, state: reached, ...pause };
  const started = number(startedAt, "trials.started_at");
  const holder = text(worker, "trials.worker");
  if (reached === "running") {
    const lease = {
      token: number(token, "trials.token"),
      worker: holder,
      expiresAt: number(expiresAt, "trials.lease_expires_at"),
    };
    return { ...facts, state: reached, startedAt: started, lease, ...pause };
  }
  return {
    ...facts,
    startedAt: started,
    finishedAt: number(finishedAt, "trials.finished_at"),
    finishSequence: number(finishSequence, "trials.finish_sequence"),
    worker: holder,
    ...outcomeFrom(reached, value, detail),
  };
}

export function addedFromRow([id, hash, origin, assignment]: SqlRow): AddedTrial {
  return {
    number: number(id, "trials.number"),
    hash: hashFrom(hash),
    origin: originFrom(origin),
    assignment: assignment === null ? undefined : assignmentFrom(assignment),
  };
}

/** A row that was claimed just now. */
export function activeTrialFromRow(row: SqlRow): ActiveTrial {
  const trial = trialFromRow(row);
  return trial.state === "running" ? trial : corrupt("trials.state", trial.state);
}

/** A row that ended just now. */
export function finishedTrialFromRow(row: SqlRow): FinishedTrial {
  const trial = trialFromRow(row);
  return isFinished(trial) ? trial : corrupt("trials.state", trial.state);
}

/** The columns state, value, detail: an error or a reason, as a document. */
export function outcomeToRow(given: Outcome): SqlRow {
  const outcome = knownOutcome(given);
  if (outcome.state === "complete") return [outcome.state, outcome.value, null];
  if (outcome.state === "failed") return [outcome.state, null, canonicalJson(outcome.error)];
  const { state, value, step, reason } = outcome;
  const detail = { ...(step === undefined ? {} : { step }), ...(reason === undefined ? {} : { reason }) };
  return [state, value ?? null, Object.keys(detail).length === 0 ? null : canonicalJson(detail)];
}

export function resultFromRow([sequence, id, state, value, detail, assignment]: SqlRow): Result {
  return {
    sequence: number(sequence, "trials.finish_sequence"),
    number: number(id, "trials.number"),
    state: oneOf(state, outcomeStates, "trials.state"),
    value: value === null ? undefined : number(value, "trials.value"),
    step: restDetail(detail).step,
    assignment: assignmentFrom(assignment),
  };
}

export function reportFromRow([id, phase, step, metrics]: SqlRow): TrialReport {
  return {
    number: number(id, "reports.number"),
    phase: text(phase, "reports.phase"),
    step: number(step, "reports.step"),
    metrics: metricsFrom(object(metrics, "reports.metrics")),
  };
}

/** The point that a report is, if it has the metric. */
export function metricPointsFromRow([id, token, step, metrics]: SqlRow, metric: string): MetricChanges["points"] {
  const value = metricsFrom(object(metrics, "reports.metrics"))[metric];
  if (value === undefined) return [];
  return [
    {
      number: number(id, "reports.number"),
      token: number(token, "trials.token"),
      step: number(step, "reports.step"),
      value,
    },
  ];
}

export function lateResultFromRow([id, token, receivedAt, state, value, detail]: SqlRow): LateResult {
  return {
    number: number(id, "late_results.number"),
    token: number(token, "late_results.token"),
    receivedAt: number(receivedAt, "late_results.received_at"),
    outcome: outcomeFrom(oneOf(state, outcomeStates, "late_results.state"), value, detail),
  };
}

/** How many trials of a study are in a state. */
export function countFromRow([study, state, trials]: SqlRow): { study: number; state: TrialState; trials: number } {
  return {
    study: number(study, "trials.study_id"),
    state: oneOf(state, trialStates, "trials.state"),
    trials: number(trials, "count"),
  };
}

export function standingFromRow([state, token, attributes]: SqlRow): {
  state: TrialState;
  token: number;
  attributes: JsonObject;
} {
  return {
    state: oneOf(state, trialStates, "trials.state"),
    token: number(token, "trials.token"),
    attributes: object(attributes, "trials.attributes"),
  };
}

/** The one number that a query gave. */
export function wholeNumber(rows: readonly SqlRow[]): number {
  return number(rows[0]?.[0], "a query's first column");
}

/** Assignments and metrics are written as they come, since they are many and short: their order is worth keeping. */
export function assignmentToText(assignment: Assignment): string {
  return JSON.stringify(assignment);
}

/** JSON has no word for NaN and the infinities, which a metric may well be: they are written as texts. */
export function metricsToText(metrics: Metrics): string {
  return JSON.stringify(metrics, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

function metricsFrom(document: JsonObject): Metrics {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, Number(value)]));
}

function assignmentFrom(value: SqlValue | undefined): Assignment {
  const document = object(value, "trials.assignment");
  const assignment: Record<string, number> = {};
  for (const label of Object.keys(document)) assignment[label] = number(document[label], "trials.assignment");
  return assignment;
}

function outcomeFrom(state: Outcome["state"], value: SqlValue | undefined, detail: SqlValue | undefined): Outcome {
  if (state === "complete") return { state, value: number(value, "trials.value") };
  if (state === "failed") return { state, error: errorFrom(object(detail, "trials.detail")) };
  if (state === "paused") return { state, ...restDetail(detail), ...pausePointFrom(value, detail) };
  return { state, ...(typeof value === "number" ? { value } : {}), ...restDetail(detail) };
}

function pausePointFrom(value: SqlValue | undefined, detail: SqlValue | undefined): PausePoint {
  return { step: number(restDetail(detail).step, "trials.detail"), value: number(value, "trials.value") };
}

/** How far a pruned or paused trial came, and why no further. */
function restDetail(detail: SqlValue | undefined): { readonly step?: number; readonly reason?: string } {
  if (detail === null) return {};
  const { step, reason } = object(detail, "trials.detail");
  return { ...(typeof step === "number" ? { step } : {}), ...(typeof reason === "string" ? { reason } : {}) };
}

function errorFrom({ message, stack, code }: JsonObject): TrialError {
  return {
    message: text(message, "trials.detail"),
    ...(typeof stack === "string" ? { stack } : {}),
    ...(typeof code === "string" ? { code } : {}),
  };
}

function hashFrom(value: SqlValue | undefined): string | undefined {
  return value === null ? undefined : text(value, "trials.hash");
}

function originFrom(value: SqlValue | undefined): TrialFacts["origin"] {
  return oneOf(value, ["sampler", "enqueued"], "trials.origin");
}

function seedFrom(value: JsonValue): number | string {
  return typeof value === "number" || typeof value === "string" ? value : corrupt("studies.seed", value);
}

function number(value: JsonValue | undefined, column: string): number {
  return typeof value === "number" ? value : corrupt(column, value);
}

function text(value: JsonValue | undefined, column: string): string {
  return typeof value === "string" ? value : corrupt(column, value);
}

function oneOf<T extends string>(value: JsonValue | undefined, known: readonly T[], column: string): T {
  return known.find((candidate) => candidate === value) ?? corrupt(column, value);
}

function json(value: SqlValue | undefined, column: string): JsonValue {
  const source = text(value, column);
  try {
    return parseJson(source, column);
  } catch {
    return corrupt(column, value);
  }
}

function object(value: SqlValue | undefined, column: string): JsonObject {
  const document = json(value, column);
  return isJsonObject(document) ? document : corrupt(column, value);
}

function corrupt(column: string, value: JsonValue | undefined): never {
  const found = value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80);
  throw new ArgminError(
    "storage/corrupt",
    `The database has ${found} in ${column}; it was damaged or written by another program.`,
  );
}
