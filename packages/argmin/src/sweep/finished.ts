import { isArgminError, Rng } from "@argmin/base";
import {
  createSampler,
  isBetter,
  isFinished,
  ruleToStop,
  TrialHistory,
  type FinishedTrial,
  type StudyRecord,
  type TrialRecord,
} from "@argmin/search";
import type { SweepFile } from "../sweep-file/read.ts";

/**
 * Whether nothing of a sweep runs, and whatever agent came would find nothing to do: by its cap, its target, its patience or its space.
 *
 * @param promotes - Whether one of its paused trials would go on now.
 */
export function isSweepFinished(
  sweep: SweepFile,
  study: StudyRecord,
  trials: readonly TrialRecord[],
  promotes: boolean,
): boolean {
  if (trials.some(({ state }) => state === "running")) return false;
  const { runCap, metric, settings } = sweep;
  const rules = {
    ...(metric?.target === undefined ? {} : { target: metric.target }),
    ...(settings.patience === undefined ? {} : { patience: settings.patience }),
    ...(runCap === undefined ? {} : { trials: runCap }),
  };
  const rule = ruleToStop(rules, {
    direction: study.direction,
    trials: trials.length,
    elapsedMs: 0,
    steps: 0,
    ...bestSoFar(study, trials.filter(isFinished)),
  });
  // The cap and the space limit what is added: what waits or is to be promoted is still to be run.
  if (rule !== undefined && rule !== "trials") return true;
  if (promotes || trials.some(({ state }) => state === "waiting")) return false;
  return rule === "trials" || isExhausted(sweep, study, trials);
}

function bestSoFar(
  { direction }: StudyRecord,
  finished: readonly FinishedTrial[],
): { readonly best: number | undefined; readonly finishedSinceBest: number } {
  let best: number | undefined;
  let finishedSinceBest = 0;
  for (const trial of finished.toSorted((a, b) => a.finishSequence - b.finishSequence)) {
    finishedSinceBest += 1;
    if (trial.state !== "complete" || (best !== undefined && !isBetter(direction, trial.value, best))) continue;
    best = trial.value;
    finishedSinceBest = 0;
  }
  return { best, finishedSinceBest };
}

/** Whether every combination has been tried. */
function isExhausted({ space }: SweepFile, { sampler, duplicates }: StudyRecord, trials: readonly TrialRecord[]): boolean {
  const different = new Set(trials.map(({ hash }) => hash)).size;
  if (duplicates === "avoid" && space.size() <= different) return true;
  if (sampler.name !== "grid") return false;
  const rng = Rng.fromSeed(0);
  const index = trials.filter(({ origin }) => origin === "sampler").length;
  const context = {
    space,
    rng,
    studyRng: rng,
    number: trials.length,
    index,
    attempt: 0,
    history: new TrialHistory(),
    pending: [],
  };
  try {
    createSampler(sampler.name, sampler.settings).suggest(context);
    return false;
  } catch (error) {
    if (isArgminError(error, "sampler/exhausted")) return true;
    throw error;
  }
}
