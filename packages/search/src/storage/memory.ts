import { canonicalJson, systemClock, type Clock, type JsonObject, type JsonValue } from "@argmin/base";
import { abandonedError, afterLoss } from "./lease.ts";
import {
  activeRecordOf,
  addedOf,
  applyUpdate,
  copied,
  entitled,
  finishedRecordOf,
  heldBy,
  metricChangesOf,
  putBack,
  recordOf,
  repeatReports,
  reportsOf,
  resultOf,
  type Row,
  type StudyRows,
} from "./memory-rows.ts";
import { leaseLost, missingStudy, storageClosed, studyExists } from "./refusals.ts";
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
} from "./storage.ts";
import {
  ensurePossible,
  eventOfOutcome,
  knownOutcome,
  trialStates,
  type ActiveTrial,
  type FinishedTrial,
  type Outcome,
  type TrialEvent,
  type TrialFacts,
  type TrialRecord,
  type TrialState,
} from "./trial.ts";

/** Keeps studies in this process's memory: nothing is durable, everything else is as `Storage` says. */
export class MemoryStorage implements Storage {
  readonly description = "memory";
  readonly #clock: Clock;
  readonly #studies = new Map<number, StudyRows>();
  #lastId = 0;
  #closed = false;

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
  }

  async createStudy(definition: StudyDefinition): Promise<StudyRecord> {
    if (this.#find(definition.name) !== undefined) throw studyExists(definition.name, this.description);
    this.#lastId += 1;
    const record: StudyRecord = { ...definition, id: this.#lastId, createdAt: this.#clock.now() };
    this.#studies.set(record.id, {
      record,
      attributes: new Map(),
      trials: [],
      byHash: new Map(),
      finished: [],
      late: [],
      reports: [],
      waiting: [],
      running: 0,
    });
    return record;
  }

  async findStudy(name: string): Promise<StudyRecord | undefined> {
    return this.#find(name);
  }

  async listStudies(): Promise<readonly StudySummary[]> {
    this.#ensureOpen();
    return [...this.#studies.values()].map(({ record, trials }) => {
      const counts = { waiting: 0, running: 0, paused: 0, complete: 0, pruned: 0, failed: 0 };
      for (const trial of trials) counts[trial.state] += 1;
      return { study: record, counts };
    });
  }

  async deleteStudy(study: number): Promise<void> {
    this.#study(study);
    this.#studies.delete(study);
  }

  async setStudyAttribute(study: number, name: string, value: JsonValue): Promise<void> {
    this.#study(study).attributes.set(name, copied(value));
  }

  async replaceStudyAttribute(study: number, name: string, expected: JsonValue | undefined, value: JsonValue): Promise<boolean> {
    const { attributes } = this.#study(study);
    const present = attributes.get(name);
    const isExpected =
      present === undefined || expected === undefined ? present === expected : canonicalJson(present) === canonicalJson(expected);
    if (isExpected) attributes.set(name, copied(value));
    return isExpected;
  }

  async studyAttributes(study: number): Promise<JsonObject> {
    return Object.fromEntries(this.#study(study).attributes);
  }

  async changes(study: number, cursor: Cursor): Promise<StudyChanges> {
    const { trials, finished, waiting, running } = this.#study(study);
    return {
      added: trials.slice(cursor.number).map(addedOf),
      finished: finished
        .slice(cursor.sequence)
        .filter((row, i) => row.finishSequence === cursor.sequence + i + 1)
        .map(resultOf),
      waiting: waiting.length,
      running,
    };
  }

  async trials(study: number, states: readonly TrialState[] = trialStates): Promise<readonly TrialRecord[]> {
    const rows = this.#study(study).trials.filter((row) => states.includes(row.state));
    return rows.map(recordOf);
  }

  async trial(study: number, number: number): Promise<TrialRecord | undefined> {
    const row = this.#study(study).trials[number];
    return row === undefined ? undefined : recordOf(row);
  }

  async paused(study: number): Promise<readonly number[]> {
    return this.#study(study).trials.flatMap(({ state, number }) => (state === "paused" ? [number] : []));
  }

  async reports(study: number, number?: number): Promise<readonly TrialReport[]> {
    const { trials } = this.#study(study);
    return (number === undefined ? trials : trials.slice(number, number + 1)).flatMap(reportsOf);
  }

  async metricChanges(study: number, metric: string, sequence: number): Promise<MetricChanges> {
    return metricChangesOf(this.#study(study), metric, sequence);
  }

  async lateResults(study: number): Promise<readonly LateResult[]> {
    return [...this.#study(study).late];
  }

  async claimWaiting(study: number, claim: Claim): Promise<ActiveTrial | undefined> {
    const rows = this.#study(study);
    const number = rows.waiting.shift();
    return number === undefined ? undefined : this.#begin(rows, rows.trials[number]!, "claim", claim);
  }

  async promote(study: number, number: number, claim: Claim): Promise<ActiveTrial | undefined> {
    const rows = this.#study(study);
    const row = rows.trials[number];
    return row?.state === "paused" ? this.#begin(rows, row, "promote", claim) : undefined;
  }

  async addRunning(study: number, proposal: NewTrial, claim: Claim): Promise<ActiveTrial | undefined> {
    const rows = this.#study(study);
    if (proposal.number !== rows.trials.length) return undefined;
    return this.#begin(rows, this.#add(rows, proposal, "sampler", {}), "claim", claim);
  }

  async enqueue(study: number, request: EnqueueRequest): Promise<{ readonly number: number; readonly added: boolean }> {
    const rows = this.#study(study);
    const { hash, skipIfExists } = request;
    const found = skipIfExists && hash !== undefined ? rows.byHash.get(hash) : undefined;
    if (found !== undefined) return { number: found, added: false };
    const number = rows.trials.length;
    this.#add(rows, { ...request, number }, "enqueued", copied(request.attributes));
    rows.waiting.push(number);
    return { number, added: true };
  }

  async renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]> {
    this.#ensureOpen();
    const expiresAt = this.#clock.now() + leaseMs;
    return leases.filter((lease) => {
      const row = heldBy(this.#studies.get(lease.study), lease);
      if (row !== undefined) row.expiresAt = expiresAt;
      return row === undefined;
    });
  }

  async update(lease: Lease, update: TrialUpdate): Promise<void> {
    const rows = this.#study(lease.study);
    const row = entitled(rows, lease);
    if (row === undefined) throw leaseLost(lease);
    applyUpdate(rows, row, update);
  }

  async finish(lease: Lease, outcome: Outcome, update: TrialUpdate = {}): Promise<FinishedTrial> {
    const rows = this.#study(lease.study);
    const row = entitled(rows, lease);
    if (row === undefined) {
      rows.late.push({ number: lease.number, token: lease.token, receivedAt: this.#clock.now(), outcome: knownOutcome(outcome) });
      throw leaseLost(lease);
    }
    applyUpdate(rows, row, update);
    return this.#end(rows, row, eventOfOutcome[outcome.state], outcome);
  }

  async release(lease: Lease): Promise<void> {
    const rows = this.#study(lease.study);
    const row = heldBy(rows, lease);
    if (row === undefined) return;
    putBack(rows, row, "release");
    row.attempts -= 1;
  }

  async lose(lease: Lease, reason: string): Promise<void> {
    const rows = this.#study(lease.study);
    const row = heldBy(rows, lease);
    if (row === undefined) return;
    const event = afterLoss(row.attempts, rows.record.retries);
    if (event === "lose") putBack(rows, row, event);
    else this.#end(rows, row, event, { state: "failed", error: abandonedError(row.attempts, reason) });
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #find(name: string): StudyRecord | undefined {
    this.#ensureOpen();
    for (const { record } of this.#studies.values()) if (record.name === name) return record;
    return undefined;
  }

  #add(rows: StudyRows, proposal: NewTrial, origin: TrialFacts["origin"], attributes: JsonObject): Row {
    const { number, hash, assignment, historySequence } = proposal;
    const row: Row = {
      number,
      hash,
      origin,
      historySequence,
      createdAt: this.#clock.now(),
      assignment: { ...assignment },
      attributes,
      state: "waiting",
      attempts: 0,
      token: 0,
      worker: "",
      startedAt: 0,
      expiresAt: 0,
      finishedAt: 0,
      finishSequence: 0,
      outcome: undefined,
      reports: undefined,
    };
    rows.trials.push(row);
    if (hash !== undefined && !rows.byHash.has(hash)) rows.byHash.set(hash, number);
    return row;
  }

  #begin(rows: StudyRows, row: Row, event: "claim" | "promote", { worker, leaseMs }: Claim): ActiveTrial {
    ensurePossible(event, row.state, row.number);
    row.state = "running";
    if (event === "claim") row.attempts += 1;
    row.token += 1;
    row.worker = worker;
    row.startedAt = this.#clock.now();
    row.expiresAt = row.startedAt + leaseMs;
    rows.running += 1;
    if (row.outcome !== undefined) repeatReports(rows, row);
    return activeRecordOf(row);
  }

  #end(rows: StudyRows, row: Row, event: TrialEvent, outcome: Outcome): FinishedTrial {
    ensurePossible(event, row.state, row.number);
    row.state = outcome.state;
    row.outcome = knownOutcome(outcome);
    row.finishedAt = this.#clock.now();
    rows.running -= 1;
    row.finishSequence = rows.finished.push(row);
    return finishedRecordOf(row, row.outcome);
  }

  #study(id: number): StudyRows {
    this.#ensureOpen();
    const rows = this.#studies.get(id);
    if (rows === undefined) throw missingStudy();
    return rows;
  }

  #ensureOpen(): void {
    if (this.#closed) throw storageClosed(this.description);
  }
}
