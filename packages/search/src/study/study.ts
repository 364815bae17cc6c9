import { Rng, type Clock, type JsonObject, type JsonValue } from "@argmin/base";
import { goOn, type Pruner, type Verdict } from "../pruner/pruner.ts";
import type { Curve } from "../pruner/report-history.ts";
import type { History } from "../sampler/history.ts";
import type { SeenReports } from "../sampler/sampler.ts";
import type { FlatValues } from "../space/space.ts";
import type { Direction, LateResult, Storage, StudyRecord, TrialReport } from "../storage/storage.ts";
import type { ActiveTrial, FinishedTrial, Report, TrialRecord } from "../storage/trial.ts";
import { HeldTrials, ignoreLostLease } from "./held-trials.ts";
import { Judge } from "./judge.ts";
import type { LiveTrial } from "./live-trial.ts";
import type { StudyMode } from "./mode.ts";
import type { NextOptions, NextTrial } from "./next.ts";
import { optimize, type OptimizeOptions } from "./optimize.ts";
import type { TrialOutcome, TrialResult } from "./outcome.ts";
import { recoverTrials, type Recovery } from "./recovery.ts";
import type { RunSummary } from "./run.ts";
import type { Objective } from "./space-mode.ts";
import type { Progress } from "./stop.ts";
import type { TrialWriter } from "./trial-writer.ts";
import { StudyView } from "./view.ts";

/** A trial with its parameters in the structure of the space. */
export type Trial<T> = TrialRecord & { readonly params: T };

/** The best complete trial of a study. */
export type BestTrial<T> = Extract<FinishedTrial, { readonly state: "complete" }> & { readonly params: T };

export type EnqueueOptions = {
  /** Leaves the study as it is if a trial with these parameters is there. Has no effect in define-by-run. */
  readonly skipIfExists?: boolean;
  /** Facts to keep with the trial. */
  readonly attributes?: JsonObject;
};

export type StudyParts<T, Live extends LiveTrial<T>, O> = {
  readonly storage: Storage;
  readonly record: StudyRecord;
  readonly mode: StudyMode<T, Live, O>;
  readonly pruner: Pruner;
  readonly clock: Clock;
  readonly worker: string;
  readonly leaseMs: number;
};

/** How often, at most, a busy study looks for trials that other processes have lost, in milliseconds. */
const recoveryIntervalMs = 1000;

/**
 * One search: gives out trials, takes in results, and knows how it stands. Made by `createStudy`, `openStudy` and `loadOrCreate`.
 *
 * @remarks Any number of processes may work on one study at once. A trial that was asked for is leased to this process, and
 *   the lease renewed until the result is told; if the process ends before, the trial is given to somebody else.
 */
export class Study<T, Live extends LiveTrial<T> = LiveTrial<T>, O = Objective<T>> {
  readonly name: string;
  readonly direction: Direction;
  readonly seed: number | string;
  readonly #storage: Storage;
  readonly #record: StudyRecord;
  readonly #mode: StudyMode<T, Live, O>;
  readonly #clock: Clock;
  readonly #claim: { readonly worker: string; readonly leaseMs: number };
  readonly #root: Rng;
  readonly #view: StudyView;
  readonly #judge: Judge;
  readonly #held: HeldTrials<Live>;
  /** Suggestions are made one at a time: two at once would be for the same number. */
  #asking: Promise<unknown> = Promise.resolve();
  #lastRecovery = Number.NEGATIVE_INFINITY;

  constructor({ storage, record, mode, pruner, clock, worker, leaseMs }: StudyParts<T, Live, O>) {
    this.name = record.name;
    this.direction = record.direction;
    this.seed = record.seed;
    this.#storage = storage;
    this.#record = record;
    this.#mode = mode;
    this.#clock = clock;
    this.#claim = { worker, leaseMs };
    this.#root = Rng.fromSeed(record.seed);
    this.#view = new StudyView(record.direction);
    this.#judge = new Judge({ storage, record, pruner });
    this.#held = new HeldTrials({ storage, record, leaseMs, mode });
  }

  /** Whether the space has a finite number of configurations. */
  get isFinite(): boolean {
    return this.#mode.isFinite;
  }

  /** Whether the study's pruner pauses trials and promotes them later. */
  get promotes(): boolean {
    return this.#judge.promotes;
  }

  /** All that defines the study, as it is stored. */
  get definition(): StudyRecord {
    return this.#record;
  }

  get storage(): Storage {
    return this.#storage;
  }

  /** Who takes this object's trials, as `livenessOf` understands it. */
  get worker(): string {
    return this.#claim.worker;
  }

  get clock(): Clock {
    return this.#clock;
  }

  /** The finished trials as this process has seen them when it last asked for a trial or called `refresh`. */
  get history(): History {
    return this.#view.history;
  }

  /** The trials whose row in `history` is that of a pause, and its sequence; those that were promoted and run again included. */
  get pauses(): ReadonlyMap<number, number> {
    return this.#view.pauses;
  }

  /**
   * A trial to evaluate: one that waits, one that was paused and is promoted, or a new one. Say what came of it with `tell`.
   *
   * @throws ArgminError `sampler/exhausted` if there is nothing left to propose.
   */
  async ask(): Promise<Live> {
    for (;;) {
      const next = await this.next();
      if (next.kind === "trial") return next.trial;
    }
  }

  /**
   * Ends a trial that this study object gave out.
   *
   * @param trial - What `ask` returned, or its number.
   * @param result - The value (NaN makes the trial a failed one), or a state with what belongs to it.
   * @throws ArgminError `trial/lease-lost` if the trial was given to somebody else meanwhile, or was asked for elsewhere,
   *   `trial/finished` if it has ended already, `trial/missing` if there is none of that number, `value/invalid` if
   *   the result is none.
   */
  tell(trial: Live | number, result: TrialResult): Promise<FinishedTrial> {
    return this.#held.end(trial, result);
  }

  /**
   * Adds a trial with these parameters, to be evaluated before any new suggestion.
   *
   * @param params - A sample of the space, or values by label. In define-by-run also some of them: the others are drawn.
   * @returns the trial's number, and whether it was added.
   * @throws ArgminError `space/...` if the parameters are not of the space.
   */
  async enqueue(
    params: T | FlatValues,
    { skipIfExists = false, attributes = {} }: EnqueueOptions = {},
  ): Promise<{ readonly number: number; readonly added: boolean }> {
    const encoded = this.#mode.encode(params);
    return this.#storage.enqueue(this.#record.id, {
      assignment: encoded.assignment,
      hash: encoded.hash,
      attributes: { ...attributes, ...encoded.attributes },
      historySequence: this.#view.cursor.sequence,
      skipIfExists,
    });
  }

  /** All trials by number. */
  async trials(): Promise<readonly Trial<T>[]> {
    const records = await this.#storage.trials(this.#record.id);
    await this.#mode.refresh();
    return records.map((record) => Object.assign({ params: this.#mode.decode(record.assignment) }, record));
  }

  /** The trial of that number. */
  async trial(number: number): Promise<Trial<T> | undefined> {
    const record = await this.#storage.trial(this.#record.id, number);
    await this.#mode.refresh();
    return record === undefined ? undefined : { ...record, params: this.#mode.decode(record.assignment) };
  }

  /** The complete trial with the best value, the lowest number among equals; `undefined` as long as none is complete. */
  async best(): Promise<BestTrial<T> | undefined> {
    await this.refresh();
    const number = this.#view.best?.number;
    const record = number === undefined ? undefined : await this.#storage.trial(this.#record.id, number);
    await this.#mode.refresh();
    return record?.state === "complete" ? { ...record, params: this.#mode.decode(record.assignment) } : undefined;
  }

  /** The parameters of a trial as people write them: options themselves, by label. */
  describe(trial: TrialRecord): FlatValues {
    return this.#mode.describe(trial.assignment);
  }

  /** What the trials, or one of them, reported while they ran. */
  reports(number?: number): Promise<readonly TrialReport[]> {
    return this.#storage.reports(this.#record.id, number);
  }

  /** Results that came after their trial had been given to somebody else. */
  lateResults(): Promise<readonly LateResult[]> {
    return this.#storage.lateResults(this.#record.id);
  }

  attributes(): Promise<JsonObject> {
    return this.#storage.studyAttributes(this.#record.id);
  }

  /** Attaches a JSON document to the study, such as a final result. */
  setAttribute(name: string, value: JsonValue): Promise<void> {
    return this.#storage.setStudyAttribute(this.#record.id, name, value);
  }

  /**
   * Attaches a JSON document if the one of that name is still `expected`, `undefined` for none, and says whether it did: of
   * several processes that try, one succeeds. So a study's last step happens once.
   *
   * @example `if (await study.replaceAttribute("report", undefined, { by: study.worker })) await writeReport();`
   * A holder whose process `livenessOf(holder)` says has "ended" can be replaced in the same way, by expecting its document.
   */
  replaceAttribute(name: string, expected: JsonValue | undefined, value: JsonValue): Promise<boolean> {
    return this.#storage.replaceStudyAttribute(this.#record.id, name, expected, value);
  }

  /** Evaluates trials in this process until a rule says stop. See `OptimizeOptions`. */
  optimize(objective: O, options: OptimizeOptions<Live> = {}): Promise<RunSummary> {
    return optimize(this, (trial) => this.#mode.call(objective, trial), options);
  }

  /** The paused trial that goes on next, if the pruner would promote one now. Nothing is begun. */
  async nextPromotion(): Promise<number | undefined> {
    await this.refresh();
    return this.#judge.promotion(this.#view.history);
  }

  /** Reads what other processes have done since. */
  async refresh(): Promise<void> {
    await this.#alone(() => this.#read());
  }

  /**
   * How many steps the trials have done in all, those of other processes included: the sum of the last step that each reported
   * of the metric that trials are judged by. What was done in an attempt that was put back is forgotten.
   */
  countSteps(): Promise<number> {
    return this.#judge.countSteps();
  }

  /** Puts back the trials of processes that are gone. Happens by itself when trials are asked for. */
  async recover(): Promise<Recovery> {
    this.#lastRecovery = this.#clock.now();
    return recoverTrials(this.#storage, this.#record.id, this.#clock, {
      worker: this.worker,
      holds: (number, token) => this.#held.holds(number, token),
    });
  }

  /** Like `ask`, for loops: with a limit, and without skipping trials that take over an earlier result. */
  next(options: NextOptions = {}): Promise<NextTrial<Live>> {
    return this.#alone(() => this.#next(options));
  }

  /**
   * Ends a trial, or gives it back, and says how it stands then: what others have made of it if its lease was lost. For loops;
   * `tell` is for everybody else.
   */
  conclude(trial: Live, outcome: TrialOutcome): Promise<TrialRecord> {
    return this.#held.conclude(trial, outcome);
  }

  /** Gives back the trials that were asked for and not told of. The storage stays open. */
  async close(): Promise<void> {
    await this.#held.close();
  }

  async #next({ limit = Number.POSITIVE_INFINITY, until, onReport }: NextOptions): Promise<NextTrial<Live>> {
    for (;;) {
      await this.#read();
      if (this.#mode.readsReports) await this.#judge.read();
      if (until?.(this.#progress()) === true) return { kind: "none" };
      if (await this.#recoverSomeTimes()) continue;
      if (this.#view.waiting > 0) {
        const record = await this.#storage.claimWaiting(this.#record.id, this.#claim);
        // It may have been enqueued since, and then what was enqueued before it is to be known too.
        if (record !== undefined && record.number >= this.#view.cursor.number) await this.#read();
        if (record !== undefined) return { kind: "trial", trial: this.#hold(record, onReport) };
      }
      const promoted = await this.#judge.promotion(this.#view.history);
      if (promoted !== undefined) {
        const record = await this.#storage.promote(this.#record.id, promoted, this.#claim);
        // Else somebody was faster, and another one may be next.
        if (record !== undefined) return { kind: "trial", trial: this.#hold(record, onReport) };
        continue;
      }
      const { number, sequence } = this.#view.cursor;
      if (number >= limit) return { kind: "none" };
      const { action, assignment, hash } = this.#mode.propose({
        number,
        index: this.#view.suggestionsBefore(number),
        history: this.#view.history,
        pending: this.#view.pending,
        reports: this.#seenReports(),
        seen: (candidate) => this.#view.numberOf(candidate) !== undefined,
        seenCount: this.#view.configurations,
      });
      const earlier = action === "reuse" && hash !== undefined ? await this.#resultOf(hash) : undefined;
      const proposal = { number, assignment, hash, historySequence: sequence };
      const record = await this.#storage.addRunning(this.#record.id, proposal, this.#claim);
      // Somebody else was faster: the next number, with a suggestion of its own.
      if (record === undefined) continue;
      const trial = this.#hold(record, onReport);
      if (earlier === undefined) return { kind: "trial", trial };
      trial.setAttribute("reused", earlier.number);
      return { kind: "reused", record: await this.tell(trial, earlier) };
    }
  }

  /** The result of the first trial of a configuration, unless it failed or is still on its way. */
  async #resultOf(hash: string): Promise<Extract<FinishedTrial, { readonly state: "complete" | "pruned" }> | undefined> {
    const number = this.#view.numberOf(hash);
    const trial = number === undefined ? undefined : await this.#storage.trial(this.#record.id, number);
    return trial?.state === "complete" || trial?.state === "pruned" ? trial : undefined;
  }

  #progress(): Omit<Progress, "elapsedMs" | "steps"> {
    const { cursor, best, finishedSinceBest } = this.#view;
    return { direction: this.direction, trials: cursor.number, best: best?.value, finishedSinceBest };
  }

  async #read(): Promise<void> {
    this.#view.apply(await this.#storage.changes(this.#record.id, this.#view.cursor));
  }

  /** Whether trials were put back. Looks when others have trials running, and not at every call. */
  async #recoverSomeTimes(): Promise<boolean> {
    if (this.#view.running <= this.#held.size || this.#clock.now() - this.#lastRecovery < recoveryIntervalMs) return false;
    return (await this.recover()).recovered > 0;
  }

  #hold(record: ActiveTrial, onReport: NextOptions["onReport"]): Live {
    const { number } = record;
    return this.#held.add(record, (writer) => {
      const parts = {
        record,
        seed: this.#root.split("objective", number).uint32(),
        writer,
        onReport: onReport === undefined ? undefined : (report: Report) => onReport(number, report),
        metric: this.#record.pruner.metric,
        judge: this.#judge.isNeeded ? (step: number) => this.#decide(number, step, writer) : undefined,
      };
      return this.#mode.live(parts, {
        index: this.#view.suggestionsBefore(number),
        history: this.#view.history,
        reports: this.#seenReports(),
      });
    });
  }

  /** For a sampler that looks at them. */
  #seenReports(): SeenReports | undefined {
    if (!this.#mode.readsReports) return undefined;
    const curve = (number: number): Curve => this.#judge.curve(number);
    return { finished: curve, pending: this.#view.pendingNumbers.map(curve) };
  }

  /** What is said of a trial whose lease was lost has no effect: it is cancelled, and whoever has it now judges it. */
  async #decide(number: number, step: number, writer: TrialWriter): Promise<Verdict> {
    try {
      await writer.flush();
    } catch (error) {
      ignoreLostLease(error);
      return goOn;
    }
    await this.refresh();
    return this.#judge.decide(number, step, this.#view.history);
  }

  /** Runs one task after the other. */
  #alone<R>(task: () => Promise<R>): Promise<R> {
    const done = this.#asking.then(task);
    this.#asking = done.catch(() => undefined);
    return done;
  }
}
