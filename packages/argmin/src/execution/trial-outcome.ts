import { assertNever } from "@argmin/base";
import type { LiveTrial, TrialOutcome } from "@argmin/search";
import type { TrialEnd, WorkerPool } from "./worker-pool.ts";

/** What the study is told of a trial that a worker has ended. */
export function outcomeOf(end: TrialEnd): TrialOutcome {
  switch (end.kind) {
    case "done":
      return { state: "complete", ...end.evaluation };
    case "pruned":
      return {
        state: "pruned",
        ...(end.reason === undefined ? {} : { reason: end.reason }),
        ...(end.value === undefined ? {} : { value: end.value }),
      };
    case "failed":
      return { state: "failed", error: end.error };
    case "lost":
      return { state: "lost", reason: end.reason };
    case "released":
      return { state: "released" };
    default:
      return assertNever(end);
  }
}

type Reporter = Parameters<WorkerPool["evaluate"]>[0]["onReport"];

/** Keeps what a worker reports with the trial. */
export function trialReporter(trial: LiveTrial<unknown>): Reporter {
  return ({ step, of, phase, metrics }) =>
    trial.report(step, metrics, { ...(of === undefined ? {} : { of }), ...(phase === undefined ? {} : { phase }) });
}
