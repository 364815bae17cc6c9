import { isEverywhere, type OptionBox } from "./activity.ts";
import type { Forest } from "./forest.ts";
import { massOfBoxes, massWithin, type Leaves } from "./leaves.ts";

/** What one tree says of one parameter, everything else averaged out over the part of the space where the parameter is active. */
export type Marginal = {
  /** Share of the tree's variance: the probability of being active times the variance of the marginal, over the whole variance. */
  readonly share: number;
  /** The mean prediction, standardised: for each option, or at each of the asked units. */
  readonly means: Float64Array;
};

/**
 * The marginals of every feature, tree by tree: `result[tree][feature]`; without the trees that predict the same everywhere.
 *
 * @param units - For each ordered feature where its curve is asked for, ascending.
 */
export function marginalsOf(forest: Forest, units: readonly Float64Array[]): readonly (readonly Marginal[])[] {
  const { features, activity } = forest.table;
  const isAlways = activity.map(isEverywhere);
  const active = activity.map((boxes) => massOfBoxes(boxes, features));
  return forest.trees.flatMap((leaves) => {
    const variance = varianceOf(leaves);
    if (!(variance > 0)) return [];
    return [
      features.map((_, f) => {
        const weights = isAlways[f]! ? leaves.masses : weightsWithin(forest, leaves, activity[f]!);
        return marginalOf(forest, leaves, f, weights, active[f]!, variance, units[f]!);
      }),
    ];
  });
}

/** The variance of a tree's prediction over the space. */
export function varianceOf({ masses, values }: Leaves): number {
  let mean = 0;
  for (let leaf = 0; leaf < masses.length; leaf++) mean += masses[leaf]! * values[leaf]!;
  let variance = 0;
  for (let leaf = 0; leaf < masses.length; leaf++) variance += masses[leaf]! * (values[leaf]! - mean) ** 2;
  // A tree of one leaf, and what rounding makes of it.
  return variance > 1e-20 ? variance : 0;
}

/** The probability of each leaf together with the boxes. */
export function weightsWithin({ table }: Forest, leaves: Leaves, boxes: readonly OptionBox[]): Float64Array {
  const weights = new Float64Array(leaves.count);
  for (let leaf = 0; leaf < leaves.count; leaf++) weights[leaf] = massWithin(leaves, leaf, boxes, table.features);
  return weights;
}

function marginalOf(
  { table }: Forest,
  leaves: Leaves,
  f: number,
  weights: Float64Array,
  active: number,
  variance: number,
  units: Float64Array,
): Marginal {
  const feature = table.features[f]!;
  const isOrdered = feature.kind === "ordered";
  const sums = isOrdered ? sumsBetweenCuts(leaves, f, weights) : sumsOfOptions(leaves, f, weights, feature.weights);
  const parts = isOrdered ? widthsOf(leaves.cuts[f]!) : feature.weights;
  let mean = 0;
  for (let i = 0; i < sums.length; i++) mean += (parts[i]! * sums[i]!) / active;
  let own = 0;
  for (let i = 0; i < sums.length; i++) own += parts[i]! * (sums[i]! / active - mean) ** 2;
  const means = isOrdered ? at(units, leaves.cuts[f]!, sums) : sums;
  return { share: (active * own) / variance, means: means.map((sum) => sum / active) };
}

/** For each interval between neighbouring cuts, the integral of the prediction over everything else. */
function sumsBetweenCuts({ count, width, values, cuts, lows, highs }: Leaves, f: number, weights: Float64Array): Float64Array {
  const cut = cuts[f]!;
  const sums = new Float64Array(cut.length);
  for (let leaf = 0; leaf < count; leaf++) {
    // Where the parameter is not active; and a leaf that is a single point of the space has no extent to divide by.
    if (weights[leaf] === 0) continue;
    const low = lows[leaf * width + f]!;
    const high = highs[leaf * width + f]!;
    const density = (weights[leaf]! * values[leaf]!) / (cut[high]! - cut[low]!);
    sums[low]! += density;
    sums[high]! -= density;
  }
  for (let i = 1; i < sums.length; i++) sums[i]! += sums[i - 1]!;
  return sums.subarray(0, cut.length - 1);
}

function sumsOfOptions({ count, values, options }: Leaves, f: number, weights: Float64Array, priors: Float64Array): Float64Array {
  const flags = options[f]!;
  const sums = new Float64Array(priors.length);
  for (let leaf = 0; leaf < count; leaf++) {
    if (weights[leaf] === 0) continue;
    const first = leaf * priors.length;
    let mass = 0;
    for (let option = 0; option < priors.length; option++) mass += flags[first + option]! * priors[option]!;
    const density = (weights[leaf]! * values[leaf]!) / mass;
    for (let option = 0; option < priors.length; option++) sums[option]! += flags[first + option]! * density;
  }
  return sums;
}

function widthsOf(cut: Float64Array): Float64Array {
  return Float64Array.from({ length: cut.length - 1 }, (_, i) => cut[i + 1]! - cut[i]!);
}

/** The step function that has `values[i]` from cut i to the next, at ascending units. */
function at(units: Float64Array, cut: Float64Array, values: Float64Array): Float64Array {
  let i = 0;
  return units.map((unit) => {
    while (i < values.length - 1 && unit >= cut[i + 1]!) i += 1;
    return values[i]!;
  });
}
