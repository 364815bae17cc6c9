import { ArgminError, Rng, type JsonValue } from "@argmin/base";
import type { Assignment } from "../space/space.ts";
import { goOn, type Verdict } from "../pruner/pruner.ts";
import type { ActiveTrial, Metrics, Report } from "../storage/trial.ts";
import type { TrialWriter } from "./trial-writer.ts";

/** Where a report belongs, beside its step. */
export type ReportPlace = {
  /** The part of the work the step belongs to ("fold 2 of 3"); each part counts its steps for itself. */
  readonly phase?: string;
  /** How many steps there will be. The last of them is not judged: there is nothing left to save. */
  readonly of?: number;
};

/** The furthest report that a trial can be judged by. */
export type LastReport = { readonly step: number; readonly value: number };

/** What a live trial is made of. */
export type TrialParts = {
  readonly record: ActiveTrial;
  /** Of the objective's own randomness. */
  readonly seed: number;
  readonly writer: TrialWriter;
  readonly onReport: ((report: Report) => void) | undefined;
  /** The metric that trials are judged by. */
  readonly metric: string;
  /** What the study's pruner says to what has been reported up to a step. */
  readonly judge: ((step: number) => Promise<Verdict>) | undefined;
};

/** A trial that is being evaluated here: what to try, and the way to say how it goes. */
export class LiveTrial<T> {
  /** 0, 1, 2, … in the study. */
  readonly number: number;
  /**
   * For whatever is random in the evaluation: a whole number below 2^32 that follows from the study's seed and the trial's
   * number, the same in any process and at any retry.
   */
  readonly seed: number;
  /** 1 the first time, more after a worker was lost. */
  readonly attempt: number;
  readonly origin: ActiveTrial["origin"];
  protected readonly parts: TrialParts;
  readonly #decode: (assignment: Assignment) => T;
  #params: T | undefined;
  #rng: Rng | undefined;
  #controller: AbortController | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  #last: LastReport | undefined;
  /** Whether the last report has not been judged yet. */
  #isDue = false;
  #verdict: Verdict = goOn;
  #judging: Promise<void> = Promise.resolve();

  constructor(parts: TrialParts, decode: (assignment: Assignment) => T) {
    const { record, seed } = parts;
    this.number = record.number;
    this.seed = seed;
    this.attempt = record.attempts;
    this.origin = record.origin;
    this.parts = parts;
    this.#last = record.pausedAt;
    this.#decode = decode;
  }

  /**
   * The step at which the trial was paused, if it was and has been promoted: what it reported up to there is kept and not judged
   * again. An objective that has kept no checkpoint begins anew, and its reports replace those of the same steps.
   */
  get resumedFrom(): number | undefined {
    return this.parts.record.pausedAt?.step;
  }

  /** The parameters by label, a choice as the index of its option. */
  get assignment(): Assignment {
    return this.parts.record.assignment;
  }

  /** What to try, in the structure of the space. */
  get params(): T {
    return (this.#params ??= this.#decode(this.assignment));
  }

  /** The objective's stream of random numbers, begun as `Rng.fromSeed(trial.seed)`. */
  get rng(): Rng {
    return (this.#rng ??= Rng.fromSeed(this.seed));
  }

  /**
   * Aborts when the trial is no longer wanted: its lease was lost, or the run was aborted. Made at the first look, since it
   * costs more than the rest of a trial.
   */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled.reason);
    }
    return this.#controller.signal;
  }

  /** Makes `signal` abort. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.#controller?.abort(reason);
  }

  /** The report of the metric that trials are judged by at the last step, if there is one: what a pruned trial keeps. */
  get lastReport(): LastReport | undefined {
    return this.#last;
  }

  /** What the study's pruner last said of this trial. */
  get verdict(): Verdict {
    return this.#verdict;
  }

  /**
   * Records metrics after a step (an epoch, a fold). They are shown while the trial runs and kept with it. A step of the same
   * phase that is reported again replaces the first. Metrics may be NaN.
   *
   * @param step - How many steps are done: 1 after the first.
   * @param metrics - By name; a bare number is the metric that trials are judged by.
   * @throws ArgminError `value/invalid` if the step is not a whole number from 0 or a metric is no number.
   */
  report(step: number, metrics: Metrics | number, options: ReportPlace = {}): void {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new ArgminError("value/invalid", `A report's step must be a whole number from 0, not ${step}.`);
    }
    const { phase = "", of = Number.POSITIVE_INFINITY } = options;
    if (typeof phase !== "string")
      throw new ArgminError("value/invalid", `A report's phase must be a text, not a ${typeof phase}.`);
    const { metric } = this.parts;
    const named: Metrics = typeof metrics === "number" ? { [metric]: metrics } : { ...metrics };
    for (const [name, value] of Object.entries(named)) {
      if (typeof value !== "number") {
        throw new ArgminError("value/invalid", `The metric '${name}' must be a number, not a ${typeof value}.`);
      }
    }
    const report: Report = { step, phase, metrics: named };
    this.parts.writer.report(report);
    const value = phase === "" ? named[metric] : undefined;
    // A correction of an earlier step neither says how far the trial is nor calls for another verdict.
    if (value !== undefined && step >= (this.#last?.step ?? 0)) {
      this.#last = { step, value };
      this.#isDue = step < of && step > (this.resumedFrom ?? -1);
    }
    this.parts.onReport?.(report);
  }

  /**
   * Whether the study's pruner thinks that the trial is not worth finishing, or not now, by what it has reported so far and by what
   * other trials have. If so, throw `new Pruned()` or tell the study `{ state: "pruned" }`; the value, the step and the pruner's reason
   * are added. Where `verdict.kind` is "pause" the trial is paused instead, and may be given out again later: keep a checkpoint.
   */
  async shouldPrune(): Promise<boolean> {
    const { judge } = this.parts;
    const step = this.#last?.step;
    if (this.#isDue && judge !== undefined && step !== undefined && this.#verdict.kind === "continue") {
      this.#isDue = false;
      // A verdict that could not be had, of a busy database say, is no reason to have none at the next step.
      this.#judging = this.#judging
        .catch(() => undefined)
        .then(async () => {
          // What is reported before a verdict is in takes nothing back of it.
          if (this.#verdict.kind === "continue") this.#verdict = await judge(step);
        });
    }
    await this.#judging;
    return this.#verdict.kind !== "continue";
  }

  /**
   * Attaches a fact to the trial; the last value of a name stays.
   *
   * @throws ArgminError `json/invalid` if the value is not JSON.
   */
  setAttribute(name: string, value: JsonValue): void {
    this.parts.writer.setAttribute(name, value);
  }
}
