import { ArgminError, isArgminError } from "@argmin/base";
import { isFinal, type Report, type TrialRecord } from "../storage/trial.ts";
import type { LiveTrial } from "./live-trial.ts";
import type { NextOptions, NextTrial } from "./next.ts";
import { outcomeOfThrow, type TrialOutcome } from "./outcome.ts";
import type { Recovery } from "./recovery.ts";
import { ensureStopRules, ruleToStop, type StopRule, type StopRules } from "./stop.ts";

/**
 * Why a run ended: one of the stop rules, the space is used up (`exhausted`), a trial failed where none should (`failure`), or
 * it was asked to finish (`signal`) or to drop everything (`abort`).
 */
export type StopReason = StopRule | "exhausted" | "failure" | "signal" | "abort";

export type RunSummary = {
  readonly reason: StopReason;
  /** How many trials this run finished for good. */
  readonly finished: number;
  readonly elapsedMs: number;
};

/** What a run tells as it goes along. A callback that throws, or whose promise is rejected, ends the run with that error. */
export type RunCallbacks<Live> = {
  readonly onTrialStart?: (trial: Live) => void | Promise<void>;
  readonly onReport?: (number: number, report: Report) => void;
  /** The trial as it stands afterwards: finished, paused, or waiting if it was given back. */
  readonly onTrialEnd?: (trial: TrialRecord) => void | Promise<void>;
  /** Nothing is left to begin, but other processes work on `running` trials, one of which may come back. */
  readonly onWait?: (running: number) => void | Promise<void>;
  readonly onStop?: (summary: RunSummary) => void | Promise<void>;
};

/** As much of a `Study` as a run needs. */
export type RunnableStudy<Live> = {
  readonly clock: { now(): number };
  next(options: NextOptions): Promise<NextTrial<Live>>;
  conclude(trial: Live, outcome: TrialOutcome): Promise<TrialRecord>;
  recover(): Promise<Recovery>;
  /** See `Study.countSteps`. */
  countSteps(): Promise<number>;
};

export type RunOptions<Live> = {
  readonly study: RunnableStudy<Live>;
  /**
   * Evaluates a trial. What it throws makes the trial a failed one. `trial.signal` aborts when the result is no longer wanted;
   * whatever comes of the evaluation then is dropped.
   */
  readonly evaluate: (trial: Live) => Promise<TrialOutcome>;
  /** How many trials to evaluate at once; 1 unless said otherwise. */
  readonly concurrency?: number;
  readonly stop?: StopRules;
  readonly callbacks?: RunCallbacks<Live>;
  /** Stops after the first trial that fails, with its error. */
  readonly failFast?: boolean;
  /** Asked before each new trial is begun: `false` puts it off, and it is asked again a little later. */
  readonly admit?: () => boolean | Promise<boolean>;
  /** Asks the run to stop: what runs is finished, nothing new is begun. */
  readonly signal?: AbortSignal;
  /** Drops everything: what runs is given back, to be tried again as if it had never been begun. */
  readonly abortSignal?: AbortSignal;
};

/** First and longest pause between two looks at what other processes do. */
const pauseMs = { first: 20, longest: 1000 };

/** How long quick evaluations may keep the event loop from timers and signals. */
const turnMs = 20;

/**
 * Evaluates a study's trials until a rule says stop: the loop of in-process optimisation and of process pools alike.
 *
 * @remarks With `stop.trials` the run ends when the study has that many trials, all are finished or paused, and none of those is to be promoted: it waits for those that other
 *   processes work on, and takes them over if a process ends without a result.
 * @throws ArgminError `value/invalid` for a stop rule or concurrency that means nothing; `objective/failed` with `failFast`; `storage/...`; and what a callback throws. What runs is given back first.
 */
export async function runTrials<Live extends LiveTrial<unknown>>(options: RunOptions<Live>): Promise<RunSummary> {
  const run = new Run(options);
  return run.toEnd();
}

class Run<Live extends LiveTrial<unknown>> {
  readonly #options: RunOptions<Live>;
  readonly #concurrency: number;
  readonly #startedAt: number;
  readonly #running = new Set<Live>();
  /** The results that are being stored: too late to give their trials back. */
  readonly #storing = new Map<Live, Promise<void>>();
  /** Ends the present wait, if there is one. */
  #wake: () => void = () => undefined;
  #pauseMs = pauseMs.first;
  #turnBegan = performance.now();
  #finished = 0;
  #exhausted = false;
  #reason: StopReason | undefined;
  /** With `failFast`: what to throw when all is finished. */
  #failure: ArgminError | undefined;
  /** What makes going on impossible. */
  #broken: { readonly error: unknown } | undefined;

  constructor(options: RunOptions<Live>) {
    const { concurrency = 1, study } = options;
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new ArgminError("value/invalid", `A run needs a concurrency of 1 or more, not ${concurrency}.`);
    }
    ensureStopRules(options.stop ?? {});
    this.#options = options;
    this.#concurrency = concurrency;
    this.#startedAt = study.clock.now();
  }

  async toEnd(): Promise<RunSummary> {
    const { signal, abortSignal, callbacks } = this.#options;
    const finish = (): void => this.#stop("signal");
    const abort = (): void => this.#stop("abort");
    if (signal?.aborted === true) finish();
    if (abortSignal?.aborted === true) abort();
    signal?.addEventListener("abort", finish);
    abortSignal?.addEventListener("abort", abort);
    try {
      await this.#beginTrials();
      while (this.#running.size > 0 && this.#mayFinish()) await this.#event();
    } catch (error) {
      this.#break(error);
    } finally {
      signal?.removeEventListener("abort", finish);
      abortSignal?.removeEventListener("abort", abort);
    }
    await this.#giveBack();
    if (this.#broken !== undefined) throw this.#broken.error;
    const summary = { reason: this.#reason ?? "trials", finished: this.#finished, elapsedMs: this.#elapsedMs() };
    await callbacks?.onStop?.(summary);
    if (this.#failure !== undefined) throw this.#failure;
    return summary;
  }

  async #beginTrials(): Promise<void> {
    while (this.#mayBegin()) {
      if (this.#running.size >= this.#concurrency) {
        await this.#event();
        continue;
      }
      await this.#letOthersRun();
      if (!(await this.#isAdmitted())) continue;
      const next = await this.#next();
      if (next.kind === "trial") await this.#start(next.trial);
      else if (next.kind === "reused") await this.#ended(next.record);
      else if (this.#running.size > 0) await this.#event();
      else if (this.#mayBegin() && (await this.#isAllDone())) this.#stop(this.#exhausted ? "exhausted" : "trials");
    }
  }

  /** Whether a trial may be begun now. Waits a little if not. */
  async #isAdmitted(): Promise<boolean> {
    if ((await this.#options.admit?.()) !== false) return this.#mayBegin();
    if (this.#mayBegin()) await this.#event(pauseMs.longest);
    return false;
  }

  async #next(): Promise<NextTrial<Live>> {
    const { study, stop = {}, callbacks } = this.#options;
    const steps = stop.budget === undefined ? 0 : await study.countSteps();
    try {
      return await study.next({
        limit: this.#exhausted ? 0 : (stop.trials ?? Number.POSITIVE_INFINITY),
        until: (progress) => {
          const rule = ruleToStop(stop, Object.assign(progress, { elapsedMs: this.#elapsedMs(), steps }));
          // `trials` limits those that are added; those that wait are still to be evaluated.
          if (rule !== undefined && rule !== "trials") this.#stop(rule);
          return !this.#mayBegin();
        },
        ...(callbacks?.onReport === undefined ? {} : { onReport: callbacks.onReport }),
      });
    } catch (error) {
      if (!isArgminError(error, "sampler/exhausted")) throw error;
      this.#exhausted = true;
      return { kind: "none" };
    }
  }

  async #start(trial: Live): Promise<void> {
    this.#pauseMs = pauseMs.first;
    this.#running.add(trial);
    await this.#options.callbacks?.onTrialStart?.(trial);
    const forget = (): void => {
      this.#storing.delete(trial);
      this.#running.delete(trial);
      this.#wake();
    };
    // A trial whose result could not be stored still runs: it is to be given back.
    this.#evaluate(trial).then(forget, (error: unknown) => this.#break(error));
  }

  async #evaluate(trial: Live): Promise<void> {
    let outcome: TrialOutcome;
    try {
      outcome = await this.#options.evaluate(trial);
    } catch (error) {
      outcome = outcomeOfThrow(error);
    }
    // Otherwise it is given back, and the result is no longer wanted.
    if (!this.#mayFinish()) return;
    const storing = this.#conclude(trial, outcome);
    this.#storing.set(trial, storing);
    await storing;
  }

  async #conclude(trial: Live, outcome: TrialOutcome): Promise<void> {
    const record = await this.#options.study.conclude(trial, outcome);
    if (record.state === "failed" && this.#options.failFast === true) {
      const message = `Trial ${record.number} failed: ${record.error.message}`;
      const cause = outcome.state === "failed" ? outcome.error : record.error;
      this.#failure ??= new ArgminError("objective/failed", message, { cause });
      this.#stop("failure");
    }
    await this.#ended(record);
  }

  async #ended(record: TrialRecord): Promise<void> {
    if (isFinal(record.state)) this.#finished += 1;
    await this.#options.callbacks?.onTrialEnd?.(record);
  }

  /** With nothing to begin and nothing running here: whether nothing can come from elsewhere either. Waits a little if it can. */
  async #isAllDone(): Promise<boolean> {
    const { recovered, elsewhere, waiting } = await this.#options.study.recover();
    if (recovered + waiting > 0) return false;
    if (elsewhere === 0) return true;
    await this.#options.callbacks?.onWait?.(elsewhere);
    await this.#event(this.#pauseMs);
    this.#pauseMs = Math.min(pauseMs.longest, this.#pauseMs * 1.5);
    return false;
  }

  /** Hands back what still runs, after an abort or an error; the error that was first is the one that counts. */
  async #giveBack(): Promise<void> {
    const { study, callbacks } = this.#options;
    for (const trial of this.#running) {
      const isStored = this.#storing.get(trial)?.then(
        () => true,
        () => false,
      );
      if ((await isStored) === true) continue;
      trial.cancel(new ArgminError("trial/lease-lost", `Trial ${trial.number} was given back, since its run was stopped.`));
      try {
        const record = await study.conclude(trial, { state: "released" });
        await callbacks?.onTrialEnd?.(record);
      } catch (error) {
        this.#break(error);
      }
    }
  }

  #mayBegin(): boolean {
    return this.#reason === undefined && this.#broken === undefined;
  }

  /** Whether what runs may go on to its end. */
  #mayFinish(): boolean {
    return this.#reason !== "abort" && this.#broken === undefined;
  }

  #stop(reason: StopReason): void {
    if (this.#reason === undefined || reason === "abort") this.#reason = reason;
    this.#wake();
  }

  #break(error: unknown): void {
    this.#broken ??= { error };
    this.#wake();
  }

  #elapsedMs(): number {
    return this.#options.study.clock.now() - this.#startedAt;
  }

  /** Waits until a trial ends or the run is to stop, at most as long as said. */
  #event(longestMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = longestMs === undefined ? undefined : setTimeout(done, longestMs);
      this.#wake = done;
    });
  }

  /** Promises alone never let timers and signals in: quick evaluations would keep Ctrl-C waiting to the end of the study. */
  async #letOthersRun(): Promise<void> {
    if (performance.now() - this.#turnBegan < turnMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#turnBegan = performance.now();
  }
}
