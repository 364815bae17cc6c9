import { createSampler, lintSpace, type StopRules, type Study } from "@argmin/search";
import type { ExitName } from "../exit-codes.ts";
import { costLimits } from "../execution/cost-limits.ts";
import { Search } from "../execution/search.ts";
import type { Experiment } from "../experiment.ts";
import type { CommandInput } from "../flags/command.ts";
import type { Terminal } from "../terminal.ts";
import type { runFlags } from "./flags.ts";
import { openExperiment } from "./open-experiment.ts";
import { openStudyOf } from "./open-study.ts";
import { reportSearch } from "./report-search.ts";
import { places, studyFolder, withStorage } from "./studies.ts";
import { workerSettings } from "./worker-settings.ts";

type Flags = CommandInput<typeof runFlags>["flags"];

/** `argmin run`. */
export async function run(
  { words: [word], flags, options: given }: CommandInput<typeof runFlags>,
  terminal: Terminal,
): Promise<ExitName> {
  const { experiment, reference } = await openExperiment(word ?? "", flags, terminal);
  const limits = costLimits(experiment, flags);
  const where = places(flags, terminal);
  return withStorage(where.database, async (storage) => {
    const { study, options, isNew } = await openStudyOf(experiment, flags, given, storage, terminal);
    if (reference.kind === "file" && study.history.length === 0) advise(experiment, study, terminal);
    const stop = stopRules(experiment, flags);
    const pool = {
      ...workerSettings({ reference, study: study.name }, options, flags, terminal),
      size: flags.workers ?? 1,
      trialTimeoutMs: flags["trial-timeout"],
      prepareTimeoutMs: flags.timeout === undefined ? undefined : Math.max(flags.timeout, leastLoadingMs),
    };
    const folder = studyFolder(where, study.name);
    const failFast = flags["fail-fast"] === true;
    const asJson = flags.json === true;
    const search = new Search({ experiment, options, study, stop, limits, failFast, folder, pool, terminal });
    const outcome = await search.run().catch(async (error: unknown) => {
      if (isNew) await forgetIfEmpty(study);
      if (!(await isKept(study))) await search.forget();
      throw error;
    });
    return reportSearch({ experiment, study, stop, limits, pool, asJson, terminal }, outcome);
  });
}

/** A study whose first run could not begin would only refuse the settings of the next one. */
async function forgetIfEmpty({ storage, definition: { id } }: Study<unknown>): Promise<void> {
  if ((await storage.trials(id)).length === 0) await storage.deleteStudy(id);
}

/** Whether the study is still there, as far as can be told. */
async function isKept({ storage, name, definition: { id } }: Study<unknown>): Promise<boolean> {
  const found = await storage.findStudy(name).catch(() => ({ id }));
  return found?.id === id;
}

/** To start a process takes its time, however little the search is given. */
const leastLoadingMs = 30_000;

/** How the space will be searched, and what it seems to say against its author's intent: told once, at the beginning of a study. */
function advise({ space }: Experiment, { definition: { sampler } }: Study<unknown>, terminal: Terminal): void {
  const explanation = createSampler(sampler.name, sampler.settings).explain?.(space);
  if (explanation !== undefined) terminal.messages.write(`Sampler ${sampler.name}: ${explanation}.\n`);
  for (const { message } of lintSpace(space)) terminal.messages.write(`Advice: ${message}\n`);
}

/** The experiment's own number of trials holds unless the flags give another, or let time or steps be the limit. */
function stopRules(experiment: Experiment, { trials, budget, timeout, target, patience }: Flags): StopRules {
  const own = timeout !== undefined || budget !== undefined || experiment.trials === "unlimited" ? undefined : experiment.trials;
  const wanted = trials ?? own;
  return {
    ...(wanted === undefined ? {} : { trials: wanted }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(budget === undefined ? {} : { budget }),
    ...(target === undefined ? {} : { target }),
    ...(patience === undefined ? {} : { patience }),
  };
}
