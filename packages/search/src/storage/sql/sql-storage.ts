import { canonicalJson, parseJson, type Clock, type JsonObject, type JsonValue } from "@argmin/base";
import { abandonedError, afterLoss } from "../lease.ts";
import { leaseLost, storageClosed, studyExists } from "../refusals.ts";
import type {
  Claim,
  Cursor,
  EnqueueRequest,
  LateResult,
  Lease,
  MetricChanges,
  NewTrial,
  Storage,
  StudyChanges,
  StudyDefinition,
  StudyRecord,
  StudySummary,
  TrialReport,
  TrialUpdate,
} from "../storage.ts";
import {
  eventOfOutcome,
  type ActiveTrial,
  type FinishedTrial,
  type Outcome,
  type TrialRecord,
  type TrialState,
} from "../trial.ts";
import type { SqlDriver, SqlTransaction, TransactionMode } from "./driver.ts";
import {
  addedFromRow,
  countFromRow,
  finishedTrialFromRow,
  lateResultFromRow,
  metricPointsFromRow,
  outcomeToRow,
  reportFromRow,
  resultFromRow,
  studyFromRow,
  studyToRow,
  trialFromRow,
  wholeNumber,
} from "./rows.ts";
import { statements } from "./statements.ts";
import { applyUpdate, begun, ensureStudy, entitledAttributes, insertTrial, leaseKey, nextNumber } from "./steps.ts";

/** Keeps studies in a database that has the schema of `migrate`. */
export class SqlStorage implements Storage {
  readonly #driver: SqlDriver;
  readonly #clock: Clock;
  #closed = false;

  constructor(driver: SqlDriver, clock: Clock) {
    this.#driver = driver;
    this.#clock = clock;
  }

  get description(): string {
    return this.#driver.description;
  }

  createStudy(definition: StudyDefinition): Promise<StudyRecord> {
    return this.#write(async (sql) => {
      if ((await sql.all(statements.studyByName, [definition.name])).length > 0) {
        throw studyExists(definition.name, this.description);
      }
      const id = wholeNumber(await sql.all(statements.nextStudyId));
      const record: StudyRecord = { ...definition, id, createdAt: this.#clock.now() };
      await sql.run(statements.insertStudy, studyToRow(record));
      return record;
    });
  }

  findStudy(name: string): Promise<StudyRecord | undefined> {
    return this.#read(async (sql) => (await sql.all(statements.studyByName, [name])).map(studyFromRow)[0]);
  }

  listStudies(): Promise<readonly StudySummary[]> {
    return this.#read(async (sql) => {
      const studies = (await sql.all(statements.allStudies)).map(studyFromRow);
      const counts = (await sql.all(statements.allCounts)).map(countFromRow);
      return studies.map((study) => {
        const own = { waiting: 0, running: 0, paused: 0, complete: 0, pruned: 0, failed: 0 };
        for (const count of counts) if (count.study === study.id) own[count.state] = count.trials;
        return { study, counts: own };
      });
    });
  }

  deleteStudy(study: number): Promise<void> {
    return this.#write(async (sql) => {
      await ensureStudy(sql, study);
      for (const statement of statements.deleteStudy) await sql.run(statement, [study]);
    });
  }

  setStudyAttribute(study: number, name: string, value: JsonValue): Promise<void> {
    return this.#write(async (sql) => {
      await ensureStudy(sql, study);
      await sql.run(statements.setStudyAttribute, [study, name, canonicalJson(value)]);
    });
  }

  replaceStudyAttribute(study: number, name: string, expected: JsonValue | undefined, value: JsonValue): Promise<boolean> {
    return this.#write(async (sql) => {
      await ensureStudy(sql, study);
      const document = canonicalJson(value);
      if (expected === undefined) return (await sql.run(statements.addStudyAttribute, [study, name, document])) > 0;
      return (await sql.run(statements.replaceStudyAttribute, [document, study, name, canonicalJson(expected)])) > 0;
    });
  }

  studyAttributes(study: number): Promise<JsonObject> {
    return this.#readStudy(study, async (sql) => {
      const rows = await sql.all(statements.studyAttributes, [study]);
      return Object.fromEntries(rows.map(([name, value]) => [String(name), parseJson(String(value), `attribute ${name}`)]));
    });
  }

  changes(study: number, cursor: Cursor): Promise<StudyChanges> {
    return this.#readStudy(study, async (sql) => {
      const added = await sql.all(statements.added, [study, cursor.number]);
      const finished = await sql.all(statements.finishedSince, [study, cursor.sequence]);
      const open = new Map((await sql.all(statements.openCounts, [study])).map(([state, count]) => [state, Number(count)]));
      return {
        added: added.map(addedFromRow),
        finished: finished.map(resultFromRow),
        waiting: open.get("waiting") ?? 0,
        running: open.get("running") ?? 0,
      };
    });
  }

  trials(study: number, states?: readonly TrialState[]): Promise<readonly TrialRecord[]> {
    return this.#readStudy(study, async (sql) => {
      const onlyOpen = states?.every((state) => state === "waiting" || state === "running") ?? false;
      const rows = await sql.all(onlyOpen ? statements.openTrials : statements.trials, [study]);
      const trials = rows.map(trialFromRow).sort((a, b) => a.number - b.number);
      return states === undefined ? trials : trials.filter((trial) => states.includes(trial.state));
    });
  }

  trial(study: number, number: number): Promise<TrialRecord | undefined> {
    return this.#readStudy(study, async (sql) => (await sql.all(statements.trial, [study, number])).map(trialFromRow)[0]);
  }

  paused(study: number): Promise<readonly number[]> {
    return this.#readStudy(study, async (sql) => (await sql.all(statements.paused, [study])).map((row) => wholeNumber([row])));
  }

  reports(study: number, number?: number): Promise<readonly TrialReport[]> {
    return this.#readStudy(study, async (sql) => {
      const rows = number === undefined ? sql.all(statements.reports, [study]) : sql.all(statements.reportsOf, [study, number]);
      return (await rows).map(reportFromRow);
    });
  }

  metricChanges(study: number, metric: string, sequence: number): Promise<MetricChanges> {
    return this.#readStudy(study, async (sql) => {
      const last = wholeNumber(await sql.all(statements.reportSequence, [study]));
      if (last === sequence) return { sequence, points: [] };
      const rows = await sql.all(statements.metricReports, [study, sequence]);
      return { sequence: last, points: rows.flatMap((row) => metricPointsFromRow(row, metric)) };
    });
  }

  lateResults(study: number): Promise<readonly LateResult[]> {
    return this.#readStudy(study, async (sql) => (await sql.all(statements.lateResults, [study])).map(lateResultFromRow));
  }

  claimWaiting(study: number, { worker, leaseMs }: Claim): Promise<ActiveTrial | undefined> {
    return this.#lazy(async (sql) => {
      const now = this.#clock.now();
      const [row] = await sql.all(statements.claimWaiting, [worker, now, now + leaseMs, study, study]);
      if (row === undefined) {
        await ensureStudy(sql, study);
        return undefined;
      }
      return begun(sql, study, row);
    });
  }

  promote(study: number, number: number, { worker, leaseMs }: Claim): Promise<ActiveTrial | undefined> {
    return this.#lazy(async (sql) => {
      const now = this.#clock.now();
      const [row] = await sql.all(statements.promote, [worker, now, now + leaseMs, study, number]);
      if (row !== undefined) return begun(sql, study, row);
      await ensureStudy(sql, study);
      return undefined;
    });
  }

  addRunning(study: number, proposal: NewTrial, claim: Claim): Promise<ActiveTrial | undefined> {
    return this.#lazy(async (sql) => {
      if (proposal.number !== (await nextNumber(sql, study))) return undefined;
      const now = this.#clock.now();
      const trial: ActiveTrial = {
        ...proposal,
        assignment: { ...proposal.assignment },
        state: "running",
        origin: "sampler",
        attributes: {},
        attempts: 1,
        createdAt: now,
        startedAt: now,
        lease: { token: 1, worker: claim.worker, expiresAt: now + claim.leaseMs },
      };
      const { token, worker, expiresAt } = trial.lease;
      await insertTrial(sql, study, trial, "running", [token, worker, now, expiresAt]);
      return trial;
    });
  }

  enqueue(study: number, request: EnqueueRequest): Promise<{ readonly number: number; readonly added: boolean }> {
    return this.#write(async (sql) => {
      const number = await nextNumber(sql, study);
      if (request.skipIfExists && request.hash !== undefined) {
        const found = (await sql.all(statements.numberOfHash, [study, request.hash]))[0]?.[0];
        if (typeof found === "number") return { number: found, added: false };
      }
      const facts = { ...request, number, origin: "enqueued", attempts: 0, createdAt: this.#clock.now() } as const;
      await insertTrial(sql, study, facts, "waiting", [0, null, null, null]);
      return { number, added: true };
    });
  }

  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]> {
    return this.#lazy(async (sql) => {
      const lost: Lease[] = [];
      const expiresAt = this.#clock.now() + leaseMs;
      for (const lease of leases) {
        if ((await sql.run(statements.renew, [expiresAt, ...leaseKey(lease)])) === 0) lost.push(lease);
      }
      return lost;
    });
  }

  async update(lease: Lease, update: TrialUpdate): Promise<void> {
    const entitled = await this.#lazy(async (sql) => {
      const attributes = await entitledAttributes(sql, lease);
      if (attributes !== undefined) await applyUpdate(sql, lease, attributes, update);
      return attributes !== undefined;
    });
    if (!entitled) throw leaseLost(lease);
  }

  async finish(lease: Lease, outcome: Outcome, update?: TrialUpdate): Promise<FinishedTrial> {
    const finished = await this.#write(async (sql) => {
      if (update !== undefined) {
        const attributes = await entitledAttributes(sql, lease);
        if (attributes !== undefined) await applyUpdate(sql, lease, attributes, update);
      }
      const now = this.#clock.now();
      const columns = outcomeToRow(outcome);
      const statement = statements.finish[eventOfOutcome[outcome.state]];
      const [ended] = await sql.all(statement, [...columns, now, ...leaseKey(lease)]);
      if (ended !== undefined) return finishedTrialFromRow(ended);
      // Either the lease was lost, or this throws.
      await entitledAttributes(sql, lease);
      await sql.run(statements.insertLateResult, [...leaseKey(lease), now, ...columns]);
      return undefined;
    });
    if (finished === undefined) throw leaseLost(lease);
    return finished;
  }

  release(lease: Lease): Promise<void> {
    return this.#lazy(async (sql) => {
      if ((await sql.run(statements.release, leaseKey(lease))) > 0) {
        await sql.run(statements.forgetReports, [lease.study, lease.number]);
      } else await ensureStudy(sql, lease.study);
    });
  }

  lose(lease: Lease, reason: string): Promise<void> {
    return this.#lazy(async (sql) => {
      const [row] = await sql.all(statements.attempts, leaseKey(lease));
      if (row === undefined) return ensureStudy(sql, lease.study);
      const attempts = wholeNumber([row]);
      const retries = wholeNumber(await sql.all(statements.retries, [lease.study]));
      if (afterLoss(attempts, retries) === "lose") {
        await sql.run(statements.lose, leaseKey(lease));
        await sql.run(statements.forgetReports, [lease.study, lease.number]);
      } else {
        const outcome = outcomeToRow({ state: "failed", error: abandonedError(attempts, reason) });
        await sql.all(statements.finish.abandon, [...outcome, this.#clock.now(), ...leaseKey(lease)]);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#driver.close();
  }

  #read<T>(body: (sql: SqlTransaction) => Promise<T>): Promise<T> {
    return this.#transaction("read", body);
  }

  #write<T>(body: (sql: SqlTransaction) => Promise<T>): Promise<T> {
    return this.#transaction("write", body);
  }

  #lazy<T>(body: (sql: SqlTransaction) => Promise<T>): Promise<T> {
    return this.#transaction("lazy", body);
  }

  #readStudy<T>(study: number, body: (sql: SqlTransaction) => Promise<T>): Promise<T> {
    return this.#read(async (sql) => {
      await ensureStudy(sql, study);
      return body(sql);
    });
  }

  async #transaction<T>(mode: TransactionMode, body: (sql: SqlTransaction) => Promise<T>): Promise<T> {
    if (this.#closed) throw storageClosed(this.description);
    return this.#driver.transaction(mode, body);
  }
}
