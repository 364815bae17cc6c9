import { isArgminError, messageOf, type JsonObject } from "@argmin/base";
import type { Outcome, TrialError } from "../storage/trial.ts";

/**
 * What an objective throws to say that its trial is not worth finishing. The trial is recorded as pruned, not as failed.
 *
 * @example `if (accuracy < 0.2) throw new Pruned("worse than chance", { value: accuracy });`
 */
export class Pruned extends Error {
  override readonly name = "Pruned";
  /** The last value known, if any. */
  readonly value: number | undefined;

  constructor(reason = "stopped early", options: { readonly value?: number } = {}) {
    super(reason);
    this.value = options.value;
  }
}

/** What an objective returns: its value alone, or with facts that are kept with the trial. */
export type ObjectiveResult = number | { readonly value: number; readonly attributes?: JsonObject };

/** How a trial is told to have ended. A bare number is the value of a complete trial; NaN and infinities make it a failed one. */
export type TrialResult =
  | number
  | { readonly state: "complete"; readonly value: number; readonly attributes?: JsonObject }
  | { readonly state: "pruned"; readonly value?: number; readonly reason?: string; readonly attributes?: JsonObject }
  | { readonly state: "failed"; readonly error: unknown; readonly attributes?: JsonObject };

/**
 * What an evaluation comes to: a result, or that the trial is given back. `released`: as if it had never been taken.
 * `lost`: whatever evaluated it ended without a word; it is tried again, at most as often as the study's `retries` allow.
 */
export type TrialOutcome =
  | Exclude<TrialResult, number>
  | { readonly state: "released" }
  | { readonly state: "lost"; readonly reason: string };

/** A result as it is stored. */
export function settle(result: TrialResult): Outcome {
  if (typeof result === "number") return settle({ state: "complete", value: result });
  const { state } = result;
  if (state === "failed") return { state, error: errorRecord(result.error) };
  if (state === "pruned") {
    // A pruned trial is one whether its last value makes sense or not.
    const value = result.value !== undefined && Number.isFinite(result.value) ? { value: result.value } : {};
    return { state, ...value, ...(result.reason === undefined ? {} : { reason: result.reason }) };
  }
  if (Number.isFinite(result.value)) return { state, value: result.value };
  const found = typeof result.value === "number" ? String(result.value) : `a value of type ${typeof result.value}`;
  const message = `The objective returned ${found}; it must return a finite number.`;
  return { state: "failed", error: { code: "trial/not-finite", message } };
}

/** What an objective's return value comes to. */
export function outcomeOfReturn(result: ObjectiveResult): TrialOutcome {
  if (typeof result === "object" && result !== null) return { state: "complete", ...result };
  return { state: "complete", value: result };
}

/** What it comes to when an objective throws. */
export function outcomeOfThrow(thrown: unknown): TrialOutcome {
  if (!(thrown instanceof Pruned)) return { state: "failed", error: thrown };
  return { state: "pruned", reason: thrown.message, ...(thrown.value === undefined ? {} : { value: thrown.value }) };
}

/** Whatever was thrown, as plain data. */
export function errorRecord(thrown: unknown): TrialError {
  if (isTrialError(thrown)) return thrown;
  const message = messageOf(thrown);
  if (!(thrown instanceof Error)) return { message };
  return {
    message: message === "" ? thrown.name : message,
    ...(thrown.stack === undefined ? {} : { stack: thrown.stack }),
    ...(isArgminError(thrown) ? { code: thrown.code } : {}),
  };
}

function isTrialError(thrown: unknown): thrown is TrialError {
  return (
    typeof thrown === "object" &&
    thrown !== null &&
    !(thrown instanceof Error) &&
    "message" in thrown &&
    typeof thrown.message === "string"
  );
}
