import { canonicalJson, parseJson, type JsonObject, type JsonValue } from "@argmin/base";
import type { Assignment } from "../space/space.ts";
import { missingTrial } from "./refusals.ts";
import type { AddedTrial, Lease, MetricChanges, Result, LateResult, StudyRecord, TrialReport, TrialUpdate } from "./storage.ts";
import {
  alreadyFinished,
  ensurePossible,
  type ActiveTrial,
  type FinishedTrial,
  type Outcome,
  type PausePoint,
  type Report,
  type TrialEvent,
  type TrialFacts,
  type TrialRecord,
  type TrialState,
} from "./trial.ts";

/** A trial as a database would keep it, changed in place; what readers get is made from it by `recordOf`. */
export type Row = {
  readonly number: number;
  readonly hash: string | undefined;
  readonly origin: TrialFacts["origin"];
  readonly historySequence: number;
  readonly createdAt: number;
  assignment: Assignment;
  attributes: JsonObject;
  state: TrialState;
  attempts: number;
  /** Counts the claims. */
  token: number;
  worker: string;
  startedAt: number;
  expiresAt: number;
  finishedAt: number;
  finishSequence: number;
  outcome: Outcome | undefined;
  /** By phase and step. */
  reports: Map<string, Report> | undefined;
};

/** A report in the order in which it came; it may have been replaced or forgotten since. */
type LoggedReport = { readonly row: Row; readonly token: number; readonly report: Report };

/** A study with all that belongs to it. */
export type StudyRows = {
  readonly record: StudyRecord;
  readonly attributes: Map<string, JsonValue>;
  /** By number. */
  readonly trials: Row[];
  /** By finish sequence, from 1. A trial that was paused is there again with each further result, of which the last one counts. */
  readonly finished: Row[];
  /** The number of the first trial with a hash. */
  readonly byHash: Map<string, number>;
  readonly late: LateResult[];
  readonly reports: LoggedReport[];
  /** Ascending, so that the lowest is claimed first. */
  readonly waiting: number[];
  running: number;
};

/** The running trial of a lease that holds. */
export function heldBy(rows: StudyRows | undefined, lease: Lease): Row | undefined {
  const row = rows?.trials[lease.number];
  return row?.state === "running" && row.token === lease.token ? row : undefined;
}

/** The trial that a lease may report on; `undefined` if the lease was lost. */
export function entitled(rows: StudyRows, lease: Lease): Row | undefined {
  const row = rows.trials[lease.number];
  if (row === undefined) throw missingTrial(lease.number);
  if (row.token === lease.token && row.state !== "running" && row.state !== "waiting") {
    throw alreadyFinished(lease.number, row.state);
  }
  return heldBy(rows, lease);
}

/** Lets a running trial wait again, before those of higher numbers, its reports forgotten if it begins anew. */
export function putBack(rows: StudyRows, row: Row, event: TrialEvent): void {
  ensurePossible(event, row.state, row.number);
  row.state = "waiting";
  if (row.outcome === undefined) row.reports = undefined;
  rows.running -= 1;
  const place = rows.waiting.findIndex((number) => number > row.number);
  rows.waiting.splice(place === -1 ? rows.waiting.length : place, 0, row.number);
}

/** Says again, under its new lease, what a trial reported before it was paused. */
export function repeatReports(rows: StudyRows, row: Row): void {
  for (const report of [...(row.reports?.values() ?? [])].toSorted(byPhaseAndStep)) {
    rows.reports.push({ row, token: row.token, report });
  }
}

/** Adds to a running trial what was said of it. */
export function applyUpdate(rows: StudyRows, row: Row, { reports, attributes, assignment }: TrialUpdate): void {
  for (const { step, phase, metrics } of reports ?? []) {
    const report: Report = { step, phase, metrics: { ...metrics } };
    row.reports ??= new Map();
    row.reports.set(keyOf(report), report);
    rows.reports.push({ row, token: row.token, report });
  }
  if (attributes !== undefined) row.attributes = { ...row.attributes, ...copied(attributes) };
  if (assignment !== undefined) row.assignment = { ...assignment };
}

function keyOf({ step, phase }: Report): string {
  return `${step} ${phase}`;
}

/** By phase and step. */
export function reportsOf({ number, reports }: Row): readonly TrialReport[] {
  return [...(reports?.values() ?? [])]
    .toSorted(byPhaseAndStep)
    .map(({ step, phase, metrics }) => ({ number, step, phase, metrics }));
}

function byPhaseAndStep(a: Report, b: Report): number {
  return a.phase === b.phase ? a.step - b.step : a.phase < b.phase ? -1 : 1;
}

/** The points after `sequence` that have not been replaced or forgotten since. */
export function metricChangesOf({ reports }: StudyRows, metric: string, sequence: number): MetricChanges {
  const points: MetricChanges["points"][number][] = [];
  for (let i = sequence; i < reports.length; i++) {
    const { row, token, report } = reports[i]!;
    const value = report.phase === "" ? report.metrics[metric] : undefined;
    const isKept = row.token === token && row.reports?.get(keyOf(report)) === report;
    if (value !== undefined && isKept) points.push({ number: row.number, token, step: report.step, value });
  }
  return { sequence: reports.length, points };
}

/** What readers get of a trial. */
export function recordOf(row: Row): TrialRecord {
  if (row.state === "running") return activeRecordOf(row);
  if (row.state === "waiting" || row.outcome === undefined) {
    return Object.assign(factsOf(row), { state: "waiting" as const }, pausePointOf(row));
  }
  return finishedRecordOf(row, row.outcome);
}

export function finishedRecordOf(row: Row, outcome: Outcome): FinishedTrial {
  const { startedAt, finishedAt, finishSequence, worker } = row;
  return Object.assign(factsOf(row), { startedAt, finishedAt, finishSequence, worker }, outcome);
}

export function activeRecordOf(row: Row): ActiveTrial {
  const { startedAt, token, worker, expiresAt } = row;
  const lease = { token, worker, expiresAt };
  return Object.assign(factsOf(row), { state: "running" as const, startedAt, lease }, pausePointOf(row));
}

/** Where an open trial was paused, if it was. */
function pausePointOf({ outcome }: Row): { readonly pausedAt?: PausePoint } {
  return outcome?.state === "paused" ? { pausedAt: { step: outcome.step, value: outcome.value } } : {};
}

/** A new object, to be added to: V8 takes 5 to 15 µs to spread one of this size and 0.1 µs to assign to it. */
function factsOf(row: Row): TrialFacts {
  const { number, assignment, hash, origin, historySequence, attempts, attributes, createdAt } = row;
  return { number, assignment, hash, origin, historySequence, attempts, attributes, createdAt };
}

/** What a reader learns of a trial when it first hears of it. */
export function addedOf({ number, hash, origin, assignment, state }: Row): AddedTrial {
  return { number, hash, origin, assignment: state === "waiting" || state === "running" ? assignment : undefined };
}

/** What a reader learns of a trial that has finished. */
export function resultOf({ finishSequence, number, outcome, assignment }: Row): Result {
  if (outcome === undefined) throw new Error(`internal: trial ${number} finished without an outcome.`);
  const value = outcome.state === "failed" ? undefined : outcome.value;
  const step = outcome.state === "pruned" || outcome.state === "paused" ? outcome.step : undefined;
  return { sequence: finishSequence, number, state: outcome.state, value, step, assignment };
}

/** A copy that the caller's later changes do not reach, in the form in which a database gives it back. */
export function copied(value: JsonObject): JsonObject;
export function copied(value: JsonValue): JsonValue;
export function copied(value: JsonValue): JsonValue {
  return parseJson(canonicalJson(value), "the copy");
}
