import { ArgminError, type JsonObject } from "@argmin/base";
import type { FinishedState } from "../sampler/history.ts";
import type { Assignment } from "../space/space.ts";

/** Where a trial stands. */
export type TrialState = "waiting" | "running" | "paused" | FinishedState;

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
  | "fail"
  /** It stops at a checkpoint, for now: others may turn out to be worse. */
  | "pause"
  /** A worker takes it up where it was paused. */
  | "promote";

/** The state machine of trials: what may happen in a state, and where it leads. */
export const transitions: { readonly [S in TrialState]: { readonly [E in TrialEvent]?: TrialState } } = {
  waiting: { claim: "running" },
  running: {
    release: "waiting",
    lose: "waiting",
    abandon: "failed",
    complete: "complete",
    prune: "pruned",
    fail: "failed",
    pause: "paused",
  },
  paused: { promote: "running" },
  complete: {},
  pruned: {},
  failed: {},
};

/** All states, in the order of a trial's life. */
export const trialStates: readonly TrialState[] = ["waiting", "running", "paused", "complete", "pruned", "failed"];

/**
 * Refuses an event that is out of place.
 *
 * @throws ArgminError `trial/finished` if nothing can happen to the trial any more. An event that is out of place in an open
 *   trial is an error of the program.
 */
export function ensurePossible(event: TrialEvent, state: TrialState, number: number): void {
  if (transitions[state][event] !== undefined) return;
  if (isFinal(state)) throw alreadyFinished(number, state);
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

/** How a trial ends, or, `paused`, where it rests until it is promoted. A value is finite. */
export type Outcome =
  | { readonly state: "complete"; readonly value: number }
  /** `value` and `step`: the last ones known, if any. */
  | { readonly state: "pruned"; readonly value?: number; readonly step?: number; readonly reason?: string }
  | { readonly state: "failed"; readonly error: TrialError }
  /** `value` and `step`: what it was judged by. */
  | { readonly state: "paused"; readonly value: number; readonly step: number; readonly reason?: string };

/** The states that an outcome leads to. */
export const outcomeStates: readonly Outcome["state"][] = ["complete", "pruned", "failed", "paused"];

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
  if (outcome.state === "paused") {
    const { state, value, step, reason } = outcome;
    return { state, value, step, ...(reason === undefined ? {} : { reason }) };
  }
  const { message, stack, code } = outcome.error;
  const error = { message, ...(stack === undefined ? {} : { stack }), ...(code === undefined ? {} : { code }) };
  return { state: outcome.state, error };
}

/** The event that leads a trial to an outcome. */
export const eventOfOutcome = { complete: "complete", pruned: "prune", failed: "fail", paused: "pause" } as const satisfies {
  readonly [S in Outcome["state"]]: TrialEvent;
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

/** Where a trial was paused: how far it had come, and the value it was judged by. */
export type PausePoint = { readonly step: number; readonly value: number };

/** `pausedAt`: absent unless the trial was paused and promoted, and goes on from there. What it reported up to there is kept. */
export type WaitingTrial = TrialFacts & { readonly state: "waiting"; readonly pausedAt?: PausePoint };
export type ActiveTrial = TrialFacts & {
  readonly state: "running";
  readonly startedAt: number;
  readonly lease: LeaseRecord;
  readonly pausedAt?: PausePoint;
};

type Finished = TrialFacts & {
  /** When a worker last took it: at its last attempt, or at its last promotion. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** 1, 2, 3, … in the order in which trials finished or paused. The number of a pause is free once its trial has another one. */
  readonly finishSequence: number;
  readonly worker: string;
};

/** A trial that has come to an outcome: for good, or, paused, for now. */
export type FinishedTrial = Finished & Outcome;

/** A trial and what came of it. */
export type TrialRecord = WaitingTrial | ActiveTrial | FinishedTrial;

/** Whether nothing is to be done for a trial: it has ended, or is paused. */
export function isFinished(trial: TrialRecord): trial is FinishedTrial {
  return trial.state !== "waiting" && trial.state !== "running";
}

/** Whether nothing can happen to a trial in this state any more. */
export function isFinal(state: TrialState): state is FinishedState {
  return Object.keys(transitions[state]).length === 0;
}
