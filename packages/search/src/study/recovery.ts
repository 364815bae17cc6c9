import type { Clock } from "@argmin/base";
import { lossOf } from "../storage/lease.ts";
import type { Storage } from "../storage/storage.ts";
import { isOfThisProcess, livenessOf } from "../storage/worker.ts";

/** How the open trials of a study stand. One snapshot. */
export type Recovery = {
  /** How many trials were put back, or failed for having lost their workers too often. */
  readonly recovered: number;
  /** How many trials other processes are working on. */
  readonly elsewhere: number;
  /** How many trials wait, not counting those just put back. */
  readonly waiting: number;
};

/**
 * Puts back the trials whose workers are lost: at once if their process ended on this machine, else when their lease has run out.
 *
 * @remarks A trial of this very process is never lost: if its lease ran out, this process was too busy to renew it.
 */
export async function recoverTrials(storage: Storage, study: number, clock: Clock): Promise<Recovery> {
  let recovered = 0;
  let elsewhere = 0;
  let waiting = 0;
  for (const trial of await storage.trials(study, ["waiting", "running"])) {
    if (trial.state === "waiting") waiting += 1;
    if (trial.state !== "running" || isOfThisProcess(trial.lease.worker)) continue;
    const reason = lossOf(trial.lease, clock.now(), livenessOf(trial.lease.worker));
    if (reason === undefined) elsewhere += 1;
    else {
      await storage.lose({ study, number: trial.number, token: trial.lease.token }, reason);
      recovered += 1;
    }
  }
  return { recovered, elsewhere, waiting };
}
