import type { Space } from "../../space/space.ts";
import { createGpSampler } from "../gp/gp.ts";
import type { History } from "../history.ts";
import type { Sampler, SuggestContext } from "../sampler.ts";
import { rankingOf } from "../tpe/split.ts";
import { tpeSettings } from "../tpe/settings.ts";
import { createTpeSampler } from "../tpe/tpe.ts";
import type { AutoSettings } from "./settings.ts";
import { defaultTuning, type AutoTuning } from "./tuning.ts";

/**
 * A Gaussian process and Parzen estimators in turns, while trials are few enough for both and the space is small enough; else the
 * estimators alone.
 *
 * @remarks They go wrong in different places: the process settles in a valley that its length scales make it believe in, the estimators need
 *   many trials to follow a bend. What the one finds, the other goes on from, so that together they come further than either with the same
 *   trials (bench/NOTES.md). By turns and not by chance, so that neither is left out for long.
 */
export function createAutoSampler(settings: AutoSettings, tuning: AutoTuning = defaultTuning): Sampler {
  const { startUpTrials, failed } = settings;
  const gp = createGpSampler({ startUpTrials, failed }, tuning.gp);
  const tpe = createTpeSampler({
    startUpTrials,
    failed,
    candidates: tpeSettings.candidates.default,
    priorWeight: tpeSettings.priorWeight.default,
  });
  const isTurnOfGp = ({ space, history, pending, index }: SuggestContext): boolean =>
    index % 2 === 1 &&
    pending.length <= tuning.gpPending &&
    obstacleIn(space, tuning) === undefined &&
    rankedIn(history) < tuning.gpTrials;
  return {
    name: "auto",
    settings: { ...settings },
    suggest: (context) => (isTurnOfGp(context) ? gp : tpe).suggest(context),
    explain: (space) => {
      const obstacle = obstacleIn(space, tuning);
      if (obstacle !== undefined) return `TPE (Parzen estimators), since ${obstacle}`;
      return (
        `a Gaussian process and TPE in turns, which together find more than either with few trials, ` +
        `then, from ${tuning.gpTrials} trials on, TPE alone, since it is quick and knows as much`
      );
    },
  };
}

/** Why a space is none for a Gaussian process. */
function obstacleIn({ parameters }: Space, { gpParameters }: AutoTuning): string | undefined {
  if (parameters.some(({ condition }) => condition === "requested")) return "trials ask for their parameters one by one";
  const count = parameters.length;
  return count > gpParameters ? `${count} parameters are too many to model as one function from a hundred trials` : undefined;
}

/** How many trials say how good they are. */
function rankedIn(history: History): number {
  const { isRanked } = rankingOf(history);
  let count = 0;
  for (let row = 0; row < history.length; row++) if (isRanked(row)) count += 1;
  return count;
}
