import type { Rng } from "@argmin/base";
import { isActive } from "../../space/decode.ts";
import type { Space } from "../../space/space.ts";
import type { Sampler, SuggestContext } from "../sampler.ts";
import { bestCandidate } from "./acquisition.ts";
import { widthsOf } from "./bandwidth.ts";
import { groupsOf, type Group } from "./groups.ts";
import { drawPrior } from "./kernels.ts";
import { Mixture } from "./mixture.ts";
import { columnsOf, commonRows, coordinatesOf, pointsOf } from "./observations.ts";
import type { TpeSettings } from "./settings.ts";
import { countedRows, rankingOf, splitRows, type Ranking } from "./split.ts";
import { drawStratified } from "./start-up.ts";
import { defaultTuning, type TpeTuning } from "./tuning.ts";

/** After so many repeats in a row the model has nothing new to say, and the priors are drawn from. */
const attemptLimit = 16;

/**
 * Tree-structured Parzen estimators (Bergstra, Bardenet, Bengio and Kégl 2011) of the parameters that are active together, joint
 * ones: what is good of one parameter may depend on the others.
 *
 * @remarks The parameters of a branch are learned from the trials of that branch, among which the best are good, however they
 *   compare with other branches. The history is read anew for each suggestion, at a cost that hardly grows with it.
 */
export function createTpeSampler(settings: TpeSettings, tuning: TpeTuning = defaultTuning): Sampler {
  // What a space's groups are follows from the space: kept only so as not to compute it for each trial.
  const known = new WeakMap<Space, readonly Group[]>();
  const groupsFor = (space: Space): readonly Group[] => {
    const groups = known.get(space) ?? groupsOf(space);
    known.set(space, groups);
    return groups;
  };
  return {
    name: "tpe",
    settings: { ...settings },
    suggest: (context) => {
      const { space, history, attempt, rng } = context;
      const ranking = rankingOf(history);
      const { startUpTrials } = settings;
      if (attempt >= attemptLimit || !hasRanked(startUpTrials, ranking)) return drawStratified(context, startUpTrials);
      const assignment: Record<string, number> = {};
      for (const group of groupsFor(space)) {
        const first = group.parameters[0]!;
        if (group.condition !== "requested" && !isActive(first, assignment, assignment)) continue;
        const point = suggestPoint(group, context, ranking, settings, tuning, rng.split(first.label));
        for (const [d, { label, toValue }] of group.axes.entries()) assignment[label] = toValue(point[d]!);
      }
      return assignment;
    },
  };
}

/** Whether at least so many trials say how good they are. */
function hasRanked(count: number, { keys, isRanked }: Ranking): boolean {
  let ranked = 0;
  for (let row = 0; row < keys.length && ranked < count; row++) if (isRanked(row)) ranked += 1;
  return ranked >= count;
}

function suggestPoint(
  group: Group,
  context: SuggestContext,
  ranking: Ranking,
  settings: TpeSettings,
  tuning: TpeTuning,
  rng: Rng,
): Float64Array {
  const { axes } = group;
  const { history, attempt } = context;
  const { candidates, failed, priorWeight } = settings;
  const columns = columnsOf(history, group);
  const rows = countedRows(history, commonRows(columns, history.length), failed);
  const goodCount = Math.min(tuning.goodLimit, Math.ceil(tuning.goodShare * rows.length));
  const { good, bad, weights: badWeights } = splitRows(ranking, rows, goodCount, tuning.badLimit, rng.split("bad"));
  const pending = pointsOf(group, context.pending);

  const goodParts = {
    axes,
    columns: coordinatesOf(group, columns, good),
    weights: weightsByRank(good.length),
    count: good.length,
  };
  const goodWidths = widthsOf(goodParts, { ...tuning, scale: tuning.goodBandwidth });
  const badParts = {
    axes,
    columns: coordinatesOf(group, columns, bad, pending),
    weights: withOnes(badWeights, pending.length),
    count: rows.length - good.length + pending.length,
  };
  const badWidths = widthsOf(badParts, { ...tuning, scale: tuning.badBandwidth });
  return bestCandidate(
    {
      axes,
      good: new Mixture({ ...goodParts, priorWeight, widths: goodWidths }),
      bad: new Mixture({ ...badParts, priorWeight, widths: badWidths }),
      pending,
      sigmas: goodWidths.sigmas,
      settled: axes.map((axis, d) => (group.governs[d] && rng.float() < tuning.exploration ? drawPrior(axis, rng) : undefined)),
      // Who is asked again after a repeat is to look less for the best.
      candidates: Math.max(1, candidates >> attempt),
    },
    rng,
  );
}

function withOnes(weights: Float64Array, count: number): Float64Array {
  const all = new Float64Array(weights.length + count).fill(1);
  all.set(weights);
  return all;
}

/** The better the more: log(count + 1/2) - log(rank + 1/2) from rank 0, on average 1. */
function weightsByRank(count: number): Float64Array {
  const weights = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    weights[rank] = Math.log((count + 0.5) / (rank + 0.5));
    sum += weights[rank]!;
  }
  const mean = sum / count;
  for (let rank = 0; rank < count; rank++) weights[rank]! /= mean;
  return weights;
}
