import { canonicalJson, type JsonObject } from "@argmin/base";
import { missingStudy, missingTrial } from "../refusals.ts";
import type { Lease, TrialUpdate } from "../storage.ts";
import { alreadyFinished, type ActiveTrial, type TrialRecord, type TrialState } from "../trial.ts";
import type { SqlRow, SqlTransaction, SqlValue } from "./driver.ts";
import { activeTrialFromRow, assignmentToText, metricsToText, standingFromRow, wholeNumber } from "./rows.ts";
import { statements } from "./statements.ts";

/* Steps that several transactions have in common. */

/** What tells a lease from all others. */
export function leaseKey(lease: Lease): readonly SqlValue[] {
  return [lease.study, lease.number, lease.token];
}

/** @throws ArgminError `study/missing`. */
export async function ensureStudy(sql: SqlTransaction, study: number): Promise<void> {
  if ((await sql.all(statements.studyExists, [study])).length === 0) throw missingStudy();
}

/** The number of the trial that is added next. */
export async function nextNumber(sql: SqlTransaction, study: number): Promise<number> {
  const rows = await sql.all(statements.nextNumber, [study]);
  if (rows.length === 0) throw missingStudy();
  return wholeNumber(rows);
}

/**
 * Adds a trial.
 *
 * @param holder - The columns token, worker, started_at, lease_expires_at.
 */
export async function insertTrial(
  sql: SqlTransaction,
  study: number,
  trial: Omit<TrialRecord, "state">,
  state: TrialState,
  holder: SqlRow,
): Promise<void> {
  await sql.run(statements.insertTrial, [
    study,
    trial.number,
    state,
    assignmentToText(trial.assignment),
    trial.hash ?? null,
    trial.origin,
    trial.historySequence,
    canonicalJson(trial.attributes),
    trial.attempts,
    trial.createdAt,
    ...holder,
  ]);
}

/** The attributes of the trial that a lease may report on; `undefined` if the lease was lost. */
export async function entitledAttributes(sql: SqlTransaction, lease: Lease): Promise<JsonObject | undefined> {
  const [row] = await sql.all(statements.standing, [lease.study, lease.number]);
  if (row === undefined) {
    await ensureStudy(sql, lease.study);
    throw missingTrial(lease.number);
  }
  const { state, token, attributes } = standingFromRow(row);
  if (token !== lease.token || state === "waiting") return undefined;
  if (state !== "running") throw alreadyFinished(lease.number, state);
  return attributes;
}

/** A trial that was claimed just now. What it reported before it was paused, if it was, is said again under the new lease. */
export async function begun(sql: SqlTransaction, study: number, row: SqlRow): Promise<ActiveTrial> {
  const trial = activeTrialFromRow(row);
  if (trial.pausedAt !== undefined) {
    const sequence = wholeNumber(await sql.all(statements.countReports, [1, study]));
    await sql.run(statements.repeatReports, [sequence, study, trial.number]);
  }
  return trial;
}

/** Adds to a running trial what was said of it; `present` are the attributes it has. */
export async function applyUpdate(
  sql: SqlTransaction,
  { study, number }: Lease,
  present: JsonObject,
  { reports = [], attributes, assignment }: TrialUpdate,
): Promise<void> {
  if (reports.length > 0) {
    let sequence = wholeNumber(await sql.all(statements.countReports, [reports.length, study])) - reports.length;
    for (const { phase, step, metrics } of reports) {
      sequence += 1;
      await sql.run(statements.upsertReport, [study, number, phase, step, metricsToText(metrics), sequence]);
    }
  }
  if (attributes !== undefined) {
    await sql.run(statements.setAttributes, [canonicalJson({ ...present, ...attributes }), study, number]);
  }
  if (assignment !== undefined) await sql.run(statements.setAssignment, [assignmentToText(assignment), study, number]);
}
