import { ArgminError, isArgminError } from "@argmin/base";
import type { Lease, Storage, StudyRecord } from "../storage/storage.ts";
import {
  alreadyFinished,
  isFinal,
  type ActiveTrial,
  type FinishedTrial,
  type Outcome,
  type TrialRecord,
} from "../storage/trial.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { LiveTrial } from "./live-trial.ts";
import { ensureResult, settle, type TrialOutcome, type TrialResult } from "./outcome.ts";
import { TrialWriter } from "./trial-writer.ts";

export type HeldTrialsParts<Live> = {
  readonly storage: Storage;
  readonly record: StudyRecord;
  readonly leaseMs: number;
  readonly mode: SpaceKeeper<Live>;
};

/** The part of a `StudyMode` that the end of a trial needs. */
interface SpaceKeeper<Live> {
  settle(trial: Live): Promise<ArgminError | undefined>;
}

type Held<Live> = { readonly trial: Live; readonly lease: Lease; readonly writer: TrialWriter };

/** The trials that a study object has given out: it keeps their leases until each has ended or is given back. */
export class HeldTrials<Live extends LiveTrial<unknown>> {
  readonly #storage: Storage;
  readonly #record: StudyRecord;
  readonly #mode: SpaceKeeper<Live>;
  readonly #keeper: LeaseKeeper;
  readonly #held = new Map<number, Held<Live>>();

  constructor({ storage, record, leaseMs, mode }: HeldTrialsParts<Live>) {
    this.#storage = storage;
    this.#record = record;
    this.#mode = mode;
    this.#keeper = new LeaseKeeper(storage, leaseMs, (lease) => this.#held.get(lease.number)?.trial.cancel(leaseGone(lease)));
  }

  get size(): number {
    return this.#held.size;
  }

  /** Whether this is the lease under which a trial is held here. */
  holds(number: number, token: number): boolean {
    return this.#held.get(number)?.lease.token === token;
  }

  /** Takes charge of a trial that was claimed just now. */
  add(record: ActiveTrial, makeLive: (writer: TrialWriter) => Live): Live {
    const { number } = record;
    const lease: Lease = { study: this.#record.id, number, token: record.lease.token };
    const writer = new TrialWriter(this.#storage, lease);
    const trial = makeLive(writer);
    this.#held.set(number, { trial, lease, writer });
    this.#keeper.keep(lease);
    return trial;
  }

  /** As `Study.tell`. */
  async end(trial: Live | number, result: TrialResult): Promise<FinishedTrial> {
    ensureResult(result);
    return this.#end(await this.#find(trial), result);
  }

  /** As `Study.conclude`. */
  async conclude(trial: Live, outcome: TrialOutcome): Promise<TrialRecord> {
    ensureResult(outcome);
    const held = await this.#find(trial);
    try {
      if (outcome.state !== "released" && outcome.state !== "lost") return await this.#end(held, outcome);
      this.#forget(held);
      await held.writer.drain();
      if (outcome.state === "released") await this.#storage.release(held.lease);
      else await this.#storage.lose(held.lease, outcome.reason);
    } catch (error) {
      ignoreLostLease(error);
    }
    const record = await this.#storage.trial(this.#record.id, trial.number);
    if (record === undefined) throw new Error(`internal: trial ${trial.number} is gone.`);
    return record;
  }

  /** Cancels all trials and gives them back. */
  async close(): Promise<void> {
    for (const { trial } of this.#held.values()) {
      trial.cancel(new ArgminError("storage/closed", "The study was closed."));
      await this.conclude(trial, { state: "released" });
    }
  }

  async #end(held: Held<Live>, result: TrialResult): Promise<FinishedTrial> {
    const { trial, lease, writer } = held;
    let { outcome, attributes } = settle(withLastReport(result, trial));
    try {
      // If the lease was lost, what was said on the way is lost with it, but the result is still told: to be refused, and kept.
      let update = await writer.drain().catch(ignoreLostLease);
      if (attributes !== undefined) update = { ...update, attributes: { ...update?.attributes, ...attributes } };
      outcome = pausedIfWanted(outcome, trial);
      const problem = await this.#mode.settle(trial);
      if (problem !== undefined) {
        outcome = settle({ state: "failed", error: problem }).outcome;
        update = { ...update, assignment: {} };
      }
      const finished = await this.#storage.finish(lease, outcome, update);
      this.#forget(held);
      return finished;
    } catch (error) {
      // Any other error leaves the trial held, so that it can be told again or given back.
      if (isArgminError(error, "trial/lease-lost")) this.#forget(held);
      throw error;
    }
  }

  async #find(trial: Live | number): Promise<Held<Live>> {
    const number = typeof trial === "number" ? trial : trial.number;
    const held = this.#held.get(number);
    if (held !== undefined && (typeof trial === "number" || held.trial === trial)) return held;
    throw await this.#notHeld(number);
  }

  async #notHeld(number: number): Promise<ArgminError> {
    const trial = await this.#storage.trial(this.#record.id, number);
    if (trial === undefined) {
      return new ArgminError("trial/missing", `The study "${this.#record.name}" has no trial ${number}.`);
    }
    if (isFinal(trial.state)) return alreadyFinished(number, trial.state);
    return new ArgminError(
      "trial/lease-lost",
      `Trial ${number} was not asked for here, or was given back: only who holds a trial can tell its result. Call ask().`,
    );
  }

  #forget({ lease }: Held<Live>): void {
    this.#held.delete(lease.number);
    this.#keeper.drop(lease.number);
  }
}

/** A pruned trial keeps the last value it reported, and why. */
function withLastReport(result: TrialResult, { lastReport, verdict }: LiveTrial<unknown>): TrialResult {
  if (typeof result === "number" || result.state !== "pruned") return result;
  return {
    ...(verdict.kind === "continue" ? {} : { reason: verdict.reason }),
    ...(lastReport === undefined ? {} : { value: lastReport.value, step: lastReport.step }),
    ...result,
  };
}

/** A trial that stops because its pruner wants it paused, with a value to be judged by, is paused. */
function pausedIfWanted(outcome: Outcome, { verdict }: LiveTrial<unknown>): Outcome {
  if (outcome.state !== "pruned" || verdict.kind !== "pause") return outcome;
  const { value, step, reason } = outcome;
  if (value === undefined || step === undefined) return outcome;
  return { state: "paused", value, step, ...(reason === undefined ? {} : { reason }) };
}

function leaseGone({ number }: Lease): ArgminError {
  return new ArgminError("trial/lease-lost", `The lease of trial ${number} was lost; its result will not count.`);
}

/** Lets the loss of a lease pass, and no other error. */
export function ignoreLostLease(error: unknown): undefined {
  if (!isArgminError(error, "trial/lease-lost")) throw error;
}
