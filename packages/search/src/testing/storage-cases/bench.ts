import { isArgminError, ManualClock, type Clock, type ErrorCode } from "@argmin/base";
import type { Claim, Lease, NewTrial, Storage, StudyDefinition, StudyRecord } from "../../storage/storage.ts";
import type { ActiveTrial, FinishedTrial, Outcome, TrialRecord } from "../../storage/trial.ts";

/** A storage as the suite uses it: with nothing in it at first, and disposed of at the end. */
export type OpenedStorage = {
  readonly storage: Storage;
  /** Removes what was opened, files and all. */
  dispose(): Promise<void>;
  /** Closes the storage and opens the same data again; absent where nothing outlives `close`. */
  reopen?(): Promise<Storage>;
};

export const definition: StudyDefinition = {
  name: "study",
  direction: "minimize",
  space: { version: 1 },
  sampler: { name: "random", settings: {} },
  pruner: { name: "none", settings: {}, metric: "value" },
  seed: 7,
  duplicates: "retry",
  retries: 2,
};

export const claim: Claim = { worker: "elsewhere/1/2/3", leaseMs: 1000 };

export const done: Outcome = { state: "complete", value: 0.5 };

/** A storage with one study, and the short ways of saying what the cases say often. Opened anew for each case. */
export class StorageBench {
  readonly clock = new ManualClock(1_750_000_000_000);
  #opened: OpenedStorage | undefined;
  #study: StudyRecord | undefined;

  async setUp(open: (clock: Clock) => Promise<OpenedStorage>): Promise<void> {
    this.#opened = await open(this.clock);
    this.#study = await this.#opened.storage.createStudy(definition);
  }

  async tearDown(): Promise<void> {
    await this.#opened?.dispose();
  }

  get opened(): OpenedStorage {
    if (this.#opened === undefined) throw new Error("internal: the storage is not open.");
    return this.#opened;
  }

  get storage(): Storage {
    return this.opened.storage;
  }

  get study(): StudyRecord {
    if (this.#study === undefined) throw new Error("internal: there is no study.");
    return this.#study;
  }

  /** Adds the next trial and claims it. */
  readonly begin = async (facts: Partial<NewTrial> = {}): Promise<ActiveTrial> => {
    const { added } = await this.storage.changes(this.study.id, { number: 0, sequence: 0 });
    const number = added.length;
    const proposal = { number, assignment: { x: number }, hash: `hash ${number}`, historySequence: 0, ...facts };
    const trial = await this.storage.addRunning(this.study.id, proposal, claim);
    if (trial === undefined) throw new Error(`number ${number} was refused`);
    return trial;
  };

  readonly leaseOf = (trial: ActiveTrial): Lease => ({
    study: this.study.id,
    number: trial.number,
    token: trial.lease.token,
  });

  readonly finish = (trial: ActiveTrial, outcome: Outcome = done): Promise<FinishedTrial> =>
    this.storage.finish(this.leaseOf(trial), outcome);

  readonly enqueue = async (x: number): Promise<number> => {
    const request = { assignment: { x }, hash: `queued ${x}`, attributes: {}, historySequence: 0, skipIfExists: false };
    return (await this.storage.enqueue(this.study.id, request)).number;
  };

  readonly present = async (number: number): Promise<TrialRecord> => {
    const trial = await this.storage.trial(this.study.id, number);
    if (trial === undefined) throw new Error(`no trial ${number}`);
    return trial;
  };
}

/** The code of the ArgminError that a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (isArgminError(error)) return error.code;
    throw error;
  }
}
