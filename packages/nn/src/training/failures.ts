import { ArgminError } from "@argmin/base";

/** @file How training ends before its end. */

/** A loss or a weight is no finite number any more. */
export function diverged(problem: string, epoch: number, step: number): ArgminError {
  return new ArgminError(
    "training/diverged",
    `Training diverged: ${problem} in epoch ${epoch}, at step ${step}; a smaller learning rate or smaller inputs help.`,
  );
}

/** The signal said so. */
export function interrupted(message: string, signal: AbortSignal): ArgminError {
  return new ArgminError("training/interrupted", message, { cause: signal.reason });
}
