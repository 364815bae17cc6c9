import { ArgminError } from "@argmin/base";
import type { LiveTrial } from "./live-trial.ts";
import { outcomeOfReturn, type ObjectiveResult } from "./outcome.ts";
import { runTrials, type RunnableStudy, type RunOptions, type RunSummary } from "./run.ts";
import type { StopRules } from "./stop.ts";

/** When to stop, and what to do meanwhile: the rules of `StopRules` and the options of `runTrials`. */
export type OptimizeOptions<Live> = StopRules &
  Pick<RunOptions<Live>, "concurrency" | "callbacks" | "failFast" | "signal" | "abortSignal">;

/**
 * Evaluates trials in this process until a rule says stop.
 *
 * @throws ArgminError `usage/invalid` if nothing would ever stop it; otherwise as `runTrials`.
 */
export async function optimize<Live extends LiveTrial<unknown>>(
  study: RunnableStudy<Live> & { readonly isFinite: boolean },
  objective: (trial: Live) => ObjectiveResult | Promise<ObjectiveResult>,
  options: OptimizeOptions<Live>,
): Promise<RunSummary> {
  const { trials, timeoutMs, target, patience, budget, ...rest } = options;
  const stop: StopRules = {
    ...(trials === undefined ? {} : { trials }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(target === undefined ? {} : { target }),
    ...(patience === undefined ? {} : { patience }),
    ...(budget === undefined ? {} : { budget }),
  };
  if (Object.keys(stop).length === 0 && !study.isFinite && rest.signal === undefined && rest.abortSignal === undefined) {
    throw new ArgminError(
      "usage/invalid",
      "Nothing would stop this search; say how far it goes: trials, timeoutMs, target, patience, budget or a signal.",
    );
  }
  return runTrials({ ...rest, study, stop, evaluate: async (trial) => outcomeOfReturn(await objective(trial)) });
}
