import type { JsonObject, JsonValue } from "@argmin/base";
import type { FinishedState } from "../sampler/history.ts";
import type { Assignment } from "../space/space.ts";
import type { ActiveTrial, FinishedTrial, Outcome, Report, TrialFacts, TrialRecord, TrialState } from "./trial.ts";

/** Whether a smaller or a greater value is better. */
export const directions = ["minimize", "maximize"] as const;
export type Direction = (typeof directions)[number];

/** All that defines a study. None of it changes afterwards. */
export type StudyDefinition = {
  readonly name: string;
  readonly direction: Direction;
  /** `Space.toJson()`; `null` for define-by-run. */
  readonly space: JsonObject | null;
  readonly sampler: { readonly name: string; readonly settings: JsonObject };
  /** `metric`: by which of the reported metrics trials are judged. */
  readonly pruner: { readonly name: string; readonly settings: JsonObject; readonly metric: string };
  readonly seed: number | string;
  /** What becomes of a suggestion that was tried already. */
  readonly duplicates: string;
  /** How often a trial whose worker was lost is tried again. */
  readonly retries: number;
};

export type StudyRecord = StudyDefinition & {
  /** Never given twice, not even after a study was deleted. */
  readonly id: number;
  readonly createdAt: number;
};

export type StudySummary = { readonly study: StudyRecord; readonly counts: Readonly<Record<TrialState, number>> };

/** A trial to be added. Its number is asked for by the caller, who made the suggestion for that very number. */
export type NewTrial = {
  readonly number: number;
  readonly assignment: Assignment;
  readonly hash: string | undefined;
  readonly historySequence: number;
};

/** A trial that somebody wants evaluated. */
export type EnqueueRequest = {
  readonly assignment: Assignment;
  readonly hash: string | undefined;
  readonly attributes: JsonObject;
  readonly historySequence: number;
  /** Leaves everything as it is if the study has a trial with this hash. */
  readonly skipIfExists: boolean;
};

/** Who claims a trial, and for how long unless renewed. */
export type Claim = { readonly worker: string; readonly leaseMs: number };

/** The right to report on a trial. Void as soon as the trial was put back or claimed anew. */
export type Lease = { readonly study: number; readonly number: number; readonly token: number };

/** What a running trial wants recorded. */
export type TrialUpdate = {
  readonly reports?: readonly Report[];
  /** Merged into those the trial has; the last value of a name stays. */
  readonly attributes?: JsonObject;
  /** Replaces the assignment (define-by-run). */
  readonly assignment?: Assignment;
};

/** Where a reader of a study stands: it has seen the trials below `number` and the results up to `sequence`. */
export type Cursor = { readonly number: number; readonly sequence: number };

export type Result = {
  readonly sequence: number;
  readonly number: number;
  /** `paused` also of a trial that was promoted and has not come to anything new yet. */
  readonly state: FinishedState | "paused";
  /** `undefined` for a failed trial and for one that was pruned before it had any. */
  readonly value: number | undefined;
  /** How far a pruned or paused trial came; `undefined` for others, and for one that was pruned before it reported anything. */
  readonly step: number | undefined;
  readonly assignment: Assignment;
};

/** What a reader learns of a trial when it first hears of it. */
export type AddedTrial = Pick<TrialFacts, "number" | "hash" | "origin"> & {
  /** `undefined` of a trial that has finished already: its result tells. */
  readonly assignment: Assignment | undefined;
};

/** What happened in a study since a reader last looked. One snapshot. */
export type StudyChanges = {
  /** The trials from `cursor.number` on, without gaps. */
  readonly added: readonly AddedTrial[];
  /** What finished or paused after `cursor.sequence`, in that order: the last result of each trial, which makes earlier ones void. */
  readonly finished: readonly Result[];
  /** How many trials wait and run at present. */
  readonly waiting: number;
  readonly running: number;
};

/** A result that came too late: its lease had been lost. */
export type LateResult = {
  readonly number: number;
  readonly token: number;
  readonly receivedAt: number;
  readonly outcome: Outcome;
};

export type TrialReport = Report & { readonly number: number };

/** What trials reported of one metric since a reader last looked, in the order in which it was written. One snapshot. */
export type MetricChanges = {
  /** To be given next time. Later reports have greater ones, also after earlier reports were forgotten. */
  readonly sequence: number;
  /** Of reports without a phase only. `token` is that of the lease under which it was said. */
  readonly points: readonly {
    readonly number: number;
    readonly token: number;
    readonly step: number;
    readonly value: number;
  }[];
};

/**
 * Where studies live.
 *
 * @remarks Every method is atomic. A durable storage has what it resolved survive the end of any process by any means, and
 *   studies, enqueued trials and results also a power cut (which makes claims, renewals and reports void anyway). Several processes may work on one storage. All that comes back is frozen in time: later changes do not show in it.
 *   Every storage passes the suite `describeStorage` of `@argmin/search/testing`; `MemoryStorage` is the reference.
 *
 *   Any method throws ArgminError `study/missing` if the study was deleted, `storage/full`, `storage/corrupt`,
 *   `storage/busy` or `storage/unwritable` where the medium has given up, and `storage/closed` after `close`.
 */
export interface Storage {
  /** What to call the storage in messages: "the file studies.db", "memory". */
  readonly description: string;

  /** @throws ArgminError `study/exists` if the name is taken. */
  createStudy(definition: StudyDefinition): Promise<StudyRecord>;
  findStudy(name: string): Promise<StudyRecord | undefined>;
  /** In the order in which they were created. */
  listStudies(): Promise<readonly StudySummary[]>;
  /** Removes a study with all its trials. */
  deleteStudy(study: number): Promise<void>;

  /** Attaches a JSON document to a study, replacing the one of that name. */
  setStudyAttribute(study: number, name: string, value: JsonValue): Promise<void>;
  /**
   * Attaches a JSON document to a study if the one of that name is `expected`, `undefined` for none; says whether it did. Of
   * several who expect the same, one succeeds.
   */
  replaceStudyAttribute(study: number, name: string, expected: JsonValue | undefined, value: JsonValue): Promise<boolean>;
  studyAttributes(study: number): Promise<JsonObject>;

  /** What a reader who stands at `cursor` has not seen yet. */
  changes(study: number, cursor: Cursor): Promise<StudyChanges>;
  /** By number; all, or those in certain states. */
  trials(study: number, states?: readonly TrialState[]): Promise<readonly TrialRecord[]>;
  trial(study: number, number: number): Promise<TrialRecord | undefined>;
  /** The numbers of the trials that are paused, ascending. */
  paused(study: number): Promise<readonly number[]>;
  /** The reports of one trial, or of all, sorted by trial, phase and step. */
  reports(study: number, number?: number): Promise<readonly TrialReport[]>;
  /** What was reported of a metric after `sequence`, 0 for all that is kept. */
  metricChanges(study: number, metric: string, sequence: number): Promise<MetricChanges>;
  lateResults(study: number): Promise<readonly LateResult[]>;

  /** Gives the waiting trial with the lowest number to a worker; `undefined` if none waits. */
  claimWaiting(study: number, claim: Claim): Promise<ActiveTrial | undefined>;
  /**
   * Gives a paused trial to a worker, to go on where it stopped; `undefined` if it is not paused (any more). No attempt is counted.
   * Its reports are kept, and said again in `metricChanges` under the new lease.
   */
  promote(study: number, number: number, claim: Claim): Promise<ActiveTrial | undefined>;
  /** Adds a trial and gives it to a worker; `undefined` if `proposal.number` is not the next free number (any more). */
  addRunning(study: number, proposal: NewTrial, claim: Claim): Promise<ActiveTrial | undefined>;
  /** Adds a waiting trial under the next free number and returns the number, or that of the trial found instead of it. */
  enqueue(study: number, request: EnqueueRequest): Promise<{ readonly number: number; readonly added: boolean }>;

  /** Prolongs leases to `leaseMs` from now and returns those that are lost. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]>;
  /** @throws ArgminError `trial/lease-lost`, `trial/finished`. */
  update(lease: Lease, update: TrialUpdate): Promise<void>;
  /**
   * Ends a trial, or pauses it.
   *
   * @throws ArgminError `trial/lease-lost` if the trial was given to somebody else meanwhile: the outcome is kept among
   *   `lateResults` and counts for nothing. `trial/finished` if this lease has ended the trial already.
   */
  finish(lease: Lease, outcome: Outcome, update?: TrialUpdate): Promise<FinishedTrial>;
  /**
   * Hands a trial back: it waits again, no attempt is counted, and what it reported is forgotten, unless it was promoted: then it
   * goes on from where it was paused. No effect on a lost lease.
   */
  release(lease: Lease): Promise<void>;
  /**
   * Declares the holder of a lease lost. The trial waits again, as after `release`; if it was begun more often than
   * the study's `retries` allow, it fails with `reason`. No effect on a lease that is void already.
   */
  lose(lease: Lease, reason: string): Promise<void>;

  close(): Promise<void>;
}
