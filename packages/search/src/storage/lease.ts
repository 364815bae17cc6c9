import type { LeaseRecord, TrialError } from "./trial.ts";

/** How long a worker keeps a trial without a sign of life. A worker that ended on this machine is noticed at once. */
export const defaultLeaseMs = 120_000;

/** How often a trial whose worker was lost is tried again. */
export const defaultRetries = 3;

/** Node runs a timer that is set to more than this at once. */
const longestTimerMs = 2 ** 31 - 1;

/** A lease is renewed each time a third of it has passed, so that two renewals may go astray. */
export function renewalIntervalMs(leaseMs: number): number {
  return Math.min(longestTimerMs, Math.max(1, Math.floor(leaseMs / 3)));
}

/** What is known of the process behind a worker. */
export type Liveness = "alive" | "ended" | "unknown";

/** Why the holder of a lease is to be declared lost; `undefined` if it is not. */
export function lossOf(lease: LeaseRecord, now: number, liveness: Liveness): string | undefined {
  if (liveness === "ended") return `Its process (${lease.worker}) ended.`;
  if (lease.expiresAt <= now) return `Its process (${lease.worker}) gave no sign of life for too long.`;
  return undefined;
}

/** What becomes of a trial whose worker was lost in its attempt number `attempts`. */
export function afterLoss(attempts: number, retries: number): "lose" | "abandon" {
  return attempts > retries ? "abandon" : "lose";
}

/** The error of a trial that is given up because it lost its workers. */
export function abandonedError(attempts: number, reason: string): TrialError {
  return {
    code: "trial/crashed",
    message: `The trial was begun ${attempts} ${attempts === 1 ? "time" : "times"} and lost its worker each time. ${reason}`,
  };
}
