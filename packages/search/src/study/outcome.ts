import { ArgminError, canonicalJson, isArgminError, isJsonObject, messageOf, type JsonObject } from "@argmin/base";
import type { Outcome, TrialError } from "../storage/trial.ts";

/**
 * What an objective throws to say that its trial is not worth finishing, or not worth beginning. The trial is recorded as pruned,
 * not as failed, and keeps the last value it reported unless another is given.
 *
 * @example `if (accuracy < 0.2) throw new Pruned("worse than chance", { value: accuracy });`
 */
export class Pruned extends Error {
  override readonly name = "Pruned";
  /** `undefined` to let the pruner's reason stand, if the trial is pruned because of its verdict. */
  readonly reason: string | undefined;
  /** The last value known, if it was not reported. */
  readonly value: number | undefined;

  constructor(reason?: string, options: { readonly value?: number } = {}) {
    super(reason ?? "stopped early");
    this.reason = reason;
    this.value = options.value;
  }
}

/**
 * What an objective meets where its trial is to be paused: it may be promoted later, so this is the time to keep a checkpoint. Thrown
 * on, as any `Pruned`, it ends the evaluation.
 */
export class Paused extends Pruned {}

/** What an objective returns: its value alone, or with facts that are kept with the trial. */
export type ObjectiveResult = number | { readonly value: number; readonly attributes?: JsonObject };

/** How a trial is told to have ended. A bare number is the value of a complete trial; NaN and infinities make it a failed one. */
export type TrialResult =
  | number
  | { readonly state: "complete"; readonly value: number; readonly attributes?: JsonObject }
  /** `value`, `step` and `reason` are what the trial last reported and what its pruner said, unless given. */
  | {
      readonly state: "pruned";
      readonly value?: number;
      readonly step?: number;
      readonly reason?: string;
      readonly attributes?: JsonObject;
    }
  | { readonly state: "failed"; readonly error: unknown; readonly attributes?: JsonObject };

/**
 * What an evaluation comes to: a result, or that the trial is given back. `released`: as if it had never been taken.
 * `lost`: whatever evaluated it ended without a word; it is tried again, at most as often as the study's `retries` allow.
 */
export type TrialOutcome =
  | Exclude<TrialResult, number>
  | { readonly state: "released" }
  | { readonly state: "lost"; readonly reason: string };

/**
 * Refuses what is no result at all, such as a text.
 *
 * @throws ArgminError `value/invalid`.
 */
export function ensureResult(result: unknown): void {
  if (typeof result === "number") return;
  const state: unknown = typeof result === "object" && result !== null && "state" in result ? result.state : undefined;
  if (states.some((known) => known === state)) return;
  const found = typeof result !== "object" || result === null ? shown(result) : `an object with the state ${shown(state)}`;
  throw new ArgminError(
    "value/invalid",
    `The result of a trial is ${found}; wanted a number or an object with one of the states ${states.join(", ")}.`,
  );
}

const states: readonly TrialOutcome["state"][] = ["complete", "pruned", "failed", "released", "lost"];

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : value === undefined ? "missing" : textOf(value);
}

/** A result as it is stored: made of what is known here, since an objective returns and throws what it likes. */
export type SettledResult = { readonly outcome: Outcome; readonly attributes: JsonObject | undefined };

/** What a result comes to. Attributes that cannot be stored make the trial a failed one. */
export function settle(result: TrialResult): SettledResult {
  if (typeof result === "number") return { outcome: outcomeOf({ state: "complete", value: result }), attributes: undefined };
  const problem = complaintAbout(result.attributes);
  if (problem === undefined) return { outcome: outcomeOf(result), attributes: result.attributes };
  const error = result.state === "failed" ? errorRecord(result.error) : { code: "json/invalid", message: problem };
  return { outcome: { state: "failed", error }, attributes: undefined };
}

function outcomeOf(result: Exclude<TrialResult, number>): Outcome {
  if (result.state === "failed") return { state: "failed", error: errorRecord(result.error) };
  if (result.state === "pruned") {
    const { value, step, reason } = result;
    // A pruned trial is one whether its last value makes sense or not.
    return {
      state: "pruned",
      ...(value !== undefined && Number.isFinite(value) ? { value } : {}),
      ...(step !== undefined && Number.isSafeInteger(step) && step >= 0 ? { step } : {}),
      ...(reason === undefined ? {} : { reason: textOf(reason) }),
    };
  }
  const { value } = result;
  if (Number.isFinite(value)) return { state: "complete", value };
  const found = typeof value === "number" ? String(value) : `a value of type ${typeof value}`;
  const message = `The objective returned ${found}; it must return a finite number.`;
  return { state: "failed", error: { code: "trial/not-finite", message } };
}

/** Why attributes cannot be stored, if they cannot. */
function complaintAbout(attributes: JsonObject | undefined): string | undefined {
  if (attributes === undefined) return undefined;
  try {
    canonicalJson(attributes);
  } catch (error) {
    return `The attributes of the result cannot be stored: ${textOf(messageOf(error))}`;
  }
  if (isJsonObject(attributes)) return undefined;
  return "The attributes of the result cannot be stored: they must be an object, each attribute under its name.";
}

/** What an objective's return value comes to. */
export function outcomeOfReturn(result: ObjectiveResult): TrialOutcome {
  if (typeof result !== "object" || result === null) return { state: "complete", value: result };
  const { value, attributes } = result;
  return { state: "complete", value, ...(attributes === undefined ? {} : { attributes }) };
}

/** What it comes to when an objective throws. */
export function outcomeOfThrow(thrown: unknown): TrialOutcome {
  if (!(thrown instanceof Pruned)) return { state: "failed", error: thrown };
  const { reason, value } = thrown;
  return { state: "pruned", ...(reason === undefined ? {} : { reason }), ...(value === undefined ? {} : { value }) };
}

/** Whatever was thrown, as plain data. */
function errorRecord(thrown: unknown): TrialError {
  const [message, stack, code] = ["message", "stack", "code"].map((name) => memberOf(thrown, name));
  // The code of another error, such as ENOENT, is none that argmin's readers know.
  const isCoded = isArgminError(thrown) || !(thrown instanceof Error);
  return {
    message: textOf(message === undefined ? thrown : message === "" && thrown instanceof Error ? thrown.name : message),
    ...(typeof stack === "string" ? { stack } : {}),
    ...(isCoded && typeof code === "string" ? { code } : {}),
  };
}

/** A member, if there is one that can be read: an error's stack is made of its texts at the first look, and may throw. */
function memberOf(value: unknown, name: string): unknown {
  try {
    return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  } catch {
    return undefined;
  }
}

/** A value as text; some objects have none. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
