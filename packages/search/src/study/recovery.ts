import type { Clock } from "@argmin/base";
import { lossOf } from "../storage/lease.ts";
import type { Storage } from "../storage/storage.ts";
import { isOfThisProcess, livenessOf } from "../storage/worker.ts";

/** How the open trials of a study stand. One snapshot. */
export type Recovery = {
  /** How many trials were put back, or failed for having lost their workers too often. */
  readonly recovered: number;
  /** How many trials others are working on: other processes, or other study objects of this one. */
  readonly elsewhere: number;
  /** How many trials wait, not counting those just put back. */
  readonly waiting: number;
};

/**
 * Puts back the trials whose workers are lost: at once if their process ended on this machine, else when their lease has run out.
 *
 * @param own - Who asks, and which trials it holds itself: they are none of the caller's concern here.
 * @remarks A trial of another study object of this very process is never lost: if its lease ran out, this process was too busy
 *   to renew it.
 */
export async function recoverTrials(
  storage: Storage,
  study: number,
  clock: Clock,
  own: { readonly worker: string; readonly holds: (number: number, token: number) => boolean },
): Promise<Recovery> {
  let recovered = 0;
  let elsewhere = 0;
  let waiting = 0;
  for (const trial of await storage.trials(study, ["waiting", "running"])) {
    if (trial.state === "waiting") waiting += 1;
    if (trial.state !== "running" || own.holds(trial.number, trial.lease.token)) continue;
    const { worker } = trial.lease;
    const isNeighbour = worker !== own.worker && isOfThisProcess(worker);
    const reason = isNeighbour ? undefined : lossOf(trial.lease, clock.now(), livenessOf(worker));
    if (reason === undefined) elsewhere += 1;
    else {
      await storage.lose({ study, number: trial.number, token: trial.lease.token }, reason);
      recovered += 1;
    }
  }
  return { recovered, elsewhere, waiting };
}
