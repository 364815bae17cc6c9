import { ArgminError, type JsonObject } from "@argmin/base";
import type { FinishedState } from "../sampler/history.ts";
import type { Assignment } from "../space/space.ts";

/** Where a trial stands. */
export type TrialState = "waiting" | "running" | FinishedState;

/** What can happen to a trial. */
export type TrialEvent =
  /** A worker takes it. */
  | "claim"
  /** Its worker hands it back, as if it had never been taken. */
  | "release"
  /** Its worker was lost and it may be tried again. */
  | "lose"
  /** Its worker was lost once too often. */
  | "abandon"
  | "complete"
  | "prune"
  | "fail";

/** The state machine of trials: what may happen in a state, and where it leads. */
export const transitions: { readonly [S in TrialState]: { readonly [E in TrialEvent]?: TrialState } } = {
  waiting: { claim: "running" },
  running: { release: "waiting", lose: "waiting", abandon: "failed", complete: "complete", prune: "pruned", fail: "failed" },
  complete: {},
  pruned: {},
  failed: {},
};

/** All states, in the order of a trial's life. */
export const trialStates: readonly TrialState[] = ["waiting", "running", "complete", "pruned", "failed"];

/**
 * Refuses an event that is out of place.
 *
 * @throws ArgminError `trial/finished` if nothing can happen to the trial any more. An event that is out of place in an open
 *   trial is an error of the program.
 */
export function ensurePossible(event: TrialEvent, state: TrialState, number: number): void {
  if (transitions[state][event] !== undefined) return;
  if (Object.keys(transitions[state]).length === 0) throw alreadyFinished(number, state);
  throw new Error(`internal: event "${event}" of trial ${number}, which is ${state}.`);
}

/** The states in which an event can happen: what SQL's conditions are made of. */
export function statesBefore(event: TrialEvent): readonly TrialState[] {
  return trialStates.filter((state) => transitions[state][event] !== undefined);
}

/** The error of somebody who reports on a trial that has ended. */
export function alreadyFinished(number: number, state: TrialState): ArgminError {
  return new ArgminError("trial/finished", `Trial ${number} is ${state} already; its result cannot be changed.`);
}

/** Why a trial failed. */
export type TrialError = {
  readonly message: string;
  readonly stack?: string;
  /** The code of an `ArgminError`, or of the reason why a trial was given up. */
  readonly code?: string;
};

/** How a trial ends. A value is finite. */
export type Outcome =
  | { readonly state: "complete"; readonly value: number }
  /** `value` and `step`: the last ones known, if any. */
  | { readonly state: "pruned"; readonly value?: number; readonly step?: number; readonly reason?: string }
  | { readonly state: "failed"; readonly error: TrialError };

/** A copy of an outcome with the members that are known, and no others: what a storage keeps. */
export function knownOutcome(outcome: Outcome): Outcome {
  if (outcome.state === "complete") return { state: outcome.state, value: outcome.value };
  if (outcome.state === "pruned") {
    const { state, value, step, reason } = outcome;
    return {
      state,
      ...(value === undefined ? {} : { value }),
      ...(step === undefined ? {} : { step }),
      ...(reason === undefined ? {} : { reason }),
    };
  }
  const { message, stack, code } = outcome.error;
  const error = { message, ...(stack === undefined ? {} : { stack }), ...(code === undefined ? {} : { code }) };
  return { state: outcome.state, error };
}

/** The event that ends a trial in a state. */
export const eventOfOutcome = { complete: "complete", pruned: "prune", failed: "fail" } as const satisfies {
  readonly [S in FinishedState]: TrialEvent;
};

/** Metrics by name. Any number: a loss may well be NaN. */
export type Metrics = Readonly<Record<string, number>>;

/** What a trial said about one step (an epoch, a fold) while it ran. */
export type Report = {
  /** A whole number from 0. A step that is reported again replaces the earlier report. */
  readonly step: number;
  /** The part of the work the step belongs to ("fold 2 of 3"); each counts its steps for itself. Empty if there is one part only. */
  readonly phase: string;
  readonly metrics: Metrics;
};

/** Who works on a trial, until when. */
export type LeaseRecord = {
  /** Counts the times the trial was claimed; who comes with an older one is refused. */
  readonly token: number;
  /** See `parseWorker`. */
  readonly worker: string;
  readonly expiresAt: number;
};

/** What is known of a trial in every state. */
export type TrialFacts = {
  /** 0, 1, 2, … in the study, without gaps. */
  readonly number: number;
  /** Empty at first in define-by-run, where it grows as the trial asks for parameters. */
  readonly assignment: Assignment;
  /** Of the effective configuration; `undefined` in define-by-run. */
  readonly hash: string | undefined;
  readonly origin: "sampler" | "enqueued";
  /** How many trials had finished in what the suggestion was allowed to look at. */
  readonly historySequence: number;
  /** How often it was begun, not counting the times it was handed back. */
  readonly attempts: number;
  readonly attributes: JsonObject;
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number;
};

export type WaitingTrial = TrialFacts & { readonly state: "waiting" };
export type ActiveTrial = TrialFacts & { readonly state: "running"; readonly startedAt: number; readonly lease: LeaseRecord };

type Finished = TrialFacts & {
  /** Start of the last attempt. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** 1, 2, 3, … in the order in which the study's trials finished, without gaps. */
  readonly finishSequence: number;
  readonly worker: string;
};

export type FinishedTrial = Finished & Outcome;

/** A trial and what came of it. */
export type TrialRecord = WaitingTrial | ActiveTrial | FinishedTrial;

/** Whether a trial has ended. */
export function isFinished(trial: TrialRecord): trial is FinishedTrial {
  return trial.state !== "waiting" && trial.state !== "running";
}
