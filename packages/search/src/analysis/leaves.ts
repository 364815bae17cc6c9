import type { OptionBox } from "./activity.ts";
import type { Feature } from "./feature.ts";
import type { Tree } from "./tree.ts";

/**
 * The leaves of a tree as boxes of the space. Of an ordered feature f a leaf reaches from `cuts[f][lows[leaf * width + f]]` to
 * `cuts[f][highs[…]]`, in units of probability; of an unordered one it holds the options that `options[f][leaf * count + option]` marks.
 */
export type Leaves = {
  readonly count: number;
  /** The number of features. */
  readonly width: number;
  readonly values: Float64Array;
  /** The probability of each leaf under the space's own distribution; they sum to 1. */
  readonly masses: Float64Array;
  readonly cuts: readonly Float64Array[];
  readonly lows: Uint32Array;
  readonly highs: Uint32Array;
  readonly options: readonly Uint8Array[];
};

/** The boxes of a tree's leaves. */
export function leavesOf(tree: Tree, features: readonly Feature[]): Leaves {
  const width = features.length;
  const { cuts, ranks } = cutsOf(tree, width);
  const count = (tree.nodeCount + 1) / 2;
  const optionCounts = features.map((feature) => (feature.kind === "unordered" ? feature.weights.length : 0));
  const leaves = {
    count,
    width,
    values: new Float64Array(count),
    masses: new Float64Array(count),
    cuts,
    lows: new Uint32Array(count * width),
    highs: new Uint32Array(count * width),
    options: optionCounts.map((options) => new Uint8Array(options * count)),
  };
  const low = new Uint32Array(width);
  const high = Uint32Array.from(cuts, (cut) => cut.length - 1);
  const allowed = optionCounts.map((options) => new Uint8Array(options).fill(1));
  let leaf = 0;

  const visit = (node: number, mass: number): void => {
    const f = tree.features[node]!;
    if (f < 0) {
      leaves.values[leaf] = tree.values[node]!;
      leaves.masses[leaf] = mass;
      leaves.lows.set(low, leaf * width);
      leaves.highs.set(high, leaf * width);
      for (let g = 0; g < width; g++) if (optionCounts[g]! > 0) leaves.options[g]!.set(allowed[g]!, leaf * optionCounts[g]!);
      leaf += 1;
      return;
    }
    const feature = features[f]!;
    if (feature.kind === "ordered") {
      const cut = cuts[f]!;
      const at = ranks[node]!;
      const [before, after] = [low[f]!, high[f]!];
      const extent = cut[after]! - cut[before]!;
      high[f] = at;
      visit(tree.lefts[node]!, (mass * (cut[at]! - cut[before]!)) / extent);
      high[f] = after;
      low[f] = at;
      visit(tree.rights[node]!, (mass * (cut[after]! - cut[at]!)) / extent);
      low[f] = before;
      return;
    }
    const set = tree.sets[node]!;
    const around = allowed[f]!;
    const extent = massOf(around, feature.weights);
    for (const side of [1, 0]) {
      const inside = around.map((flag, option) => (set[option] === side ? flag : 0));
      allowed[f] = inside;
      visit(side === 1 ? tree.lefts[node]! : tree.rights[node]!, (mass * massOf(inside, feature.weights)) / extent);
    }
    allowed[f] = around;
  };
  visit(0, 1);
  return leaves;
}

/** The probability that a point of the space lies in the leaf and in one of the disjoint boxes. */
export function massWithin(leaves: Leaves, leaf: number, boxes: readonly OptionBox[], features: readonly Feature[]): number {
  let share = 0;
  for (const box of boxes) {
    let part = 1;
    for (const [f, allowed] of box) {
      const feature = features[f]!;
      if (feature.kind !== "unordered") continue;
      const { weights } = feature;
      const options = leaves.options[f]!;
      let inside = 0;
      let whole = 0;
      for (let option = 0; option < weights.length; option++) {
        if (options[leaf * weights.length + option] === 0) continue;
        whole += weights[option]!;
        if (allowed[option] === 1) inside += weights[option]!;
      }
      part *= inside / whole;
    }
    share += part;
  }
  return share * leaves.masses[leaf]!;
}

/** The probability of the disjoint boxes. */
export function massOfBoxes(boxes: readonly OptionBox[], features: readonly Feature[]): number {
  let sum = 0;
  for (const box of boxes) {
    let part = 1;
    for (const [f, allowed] of box) {
      const feature = features[f]!;
      if (feature.kind === "unordered") part *= massOf(allowed, feature.weights);
    }
    sum += part;
  }
  return sum;
}

function massOf(flags: Uint8Array, weights: Float64Array): number {
  let mass = 0;
  for (let option = 0; option < flags.length; option++) if (flags[option] === 1) mass += weights[option]!;
  return mass;
}

/** The thresholds of each feature, ascending, between 0 and 1; and the place of each node's threshold among them. */
function cutsOf(tree: Tree, width: number): { readonly cuts: readonly Float64Array[]; readonly ranks: Uint32Array } {
  const thresholds: number[][] = Array.from({ length: width }, () => []);
  for (let node = 0; node < tree.nodeCount; node++) {
    const f = tree.features[node]!;
    if (f >= 0 && tree.sets[node] === undefined) thresholds[f]!.push(tree.thresholds[node]!);
  }
  const cuts = thresholds.map((found) => Float64Array.from(new Set([0, ...Float64Array.from(found).sort(), 1])));
  const ranks = new Uint32Array(tree.nodeCount);
  const places = cuts.map((cut) => new Map(Array.from(cut, (threshold, i) => [threshold, i])));
  for (let node = 0; node < tree.nodeCount; node++) {
    const f = tree.features[node]!;
    if (f >= 0 && tree.sets[node] === undefined) ranks[node] = places[f]!.get(tree.thresholds[node]!)!;
  }
  return { cuts, ranks };
}
