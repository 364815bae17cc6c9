import type { Direction } from "../storage/storage.ts";
import { intersection, isEverywhere, type OptionBox } from "./activity.ts";
import { decodeValue, type Feature } from "./feature.ts";
import { objectiveOf, type Forest } from "./forest.ts";
import { deviationOf, meanOf } from "./importance.ts";
import { massOfBoxes, type Leaves } from "./leaves.ts";
import { varianceOf, weightsWithin } from "./marginal.ts";

/** What is expected of the objective over two parameters, everything else averaged out where both are active. */
export type PairSurface = {
  readonly labels: readonly [string, string];
  /** The share of the variance that the two explain together beyond what each explains by itself. */
  readonly interaction: number;
  readonly standardError: number | null;
  readonly axes: readonly [SurfaceAxis, SurfaceAxis];
  /** Mean predictions in the objective's own sign and units: `means[i][j]` at point i of the first axis and j of the second. */
  readonly means: readonly (readonly number[])[];
};

export type SurfaceAxis = {
  readonly label: string;
  readonly kind: "ordered" | "unordered";
  /** As in an assignment: numbers, or the indices of options. */
  readonly values: readonly number[];
  /** Where the values lie on the parameter's own scale, from 0 to 1; `null` of options. */
  readonly positions: readonly number[] | null;
};

const cellCount = 24;

/**
 * The surfaces of pairs of parameters, given by label.
 *
 * @returns Nothing of a pair that is never active together or of which one decides whether the other is active.
 */
export function surfacesOf(
  forest: Forest,
  pairs: readonly (readonly [string, string])[],
  direction: Direction,
): readonly PairSurface[] {
  const { features } = forest.table;
  const places = new Map(features.map(({ label }, f) => [label, f]));
  const plans = pairs.flatMap(([first, second]): readonly Plan[] => {
    const plan = planOf(forest, places.get(first), places.get(second));
    return plan === undefined ? [] : [plan];
  });
  // Most axes are those of several pairs.
  const axes = [...new Map(plans.flatMap((plan) => plan.axes.map((axis) => [axis.f, axis]))).values()];
  const found = plans.map((): Found[] => []);
  for (const leaves of forest.trees) {
    const variance = varianceOf(leaves);
    if (!(variance > 0)) continue;
    const extents = new Map(axes.map((axis) => [axis.f, extentsAlong(leaves, axis)]));
    for (const [p, plan] of plans.entries()) found[p]!.push(tabulate(forest, leaves, plan, variance, extents));
  }
  return plans.map((plan, p) => surfaceOf(forest, plan, found[p]!, direction));
}

type Axis = { readonly f: number; readonly feature: Feature; readonly weights: Float64Array };
type Plan = { readonly axes: readonly [Axis, Axis]; readonly boxes: readonly OptionBox[]; readonly active: number };
type Found = { readonly share: number; readonly table: Float64Array };

function planOf({ table }: Forest, first: number | undefined, second: number | undefined): Plan | undefined {
  if (first === undefined || second === undefined || first === second) return undefined;
  const { features, activity } = table;
  const boxes = intersection(activity[first]!, activity[second]!);
  const active = massOfBoxes(boxes, features);
  const isDeciding = boxes.some((box) => box.has(first) || box.has(second));
  if (isDeciding || !(active > 0)) return undefined;
  const axes = [axisOf(features, first), axisOf(features, second)] as const;
  return { axes, boxes, active };
}

function axisOf(features: readonly Feature[], f: number): Axis {
  const feature = features[f]!;
  if (feature.kind === "unordered") return { f, feature, weights: feature.weights };
  const { domain } = feature;
  const count = domain.kind === "lattice" && !domain.log ? Math.min(domain.count, cellCount) : cellCount;
  return { f, feature, weights: new Float64Array(count).fill(1 / count) };
}

/** The mean prediction in each cell, and the interaction's share: the variance of the table less that of its margins. */
function tabulate(
  forest: Forest,
  leaves: Leaves,
  { axes, boxes, active }: Plan,
  variance: number,
  extents: ReadonlyMap<number, readonly Extent[]>,
): Found {
  const [x, y] = axes;
  const [acrossOf, downOf] = [extents.get(x.f)!, extents.get(y.f)!];
  const [rows, columns] = [x.weights.length, y.weights.length];
  const weights = isEverywhere(boxes) ? leaves.masses : weightsWithin(forest, leaves, boxes);
  // Differences in both directions: a rectangle costs four additions, whatever its size.
  const width = columns + 1;
  const table = new Float64Array((rows + 1) * width);
  for (let leaf = 0; leaf < leaves.count; leaf++) {
    if (weights[leaf] === 0) continue;
    const across = acrossOf[leaf]!;
    const down = downOf[leaf]!;
    const density = (weights[leaf]! * leaves.values[leaf]!) / (across.mass * down.mass * active);
    for (const [x0, x1] of across.ranges) {
      for (const [y0, y1] of down.ranges) {
        table[x0 * width + y0]! += density;
        table[x0 * width + y1]! -= density;
        table[x1 * width + y0]! -= density;
        table[x1 * width + y1]! += density;
      }
    }
  }
  for (let i = 0; i <= rows; i++) for (let j = 1; j < width; j++) table[i * width + j]! += table[i * width + j - 1]!;
  for (let i = 1; i <= rows; i++) for (let j = 0; j < width; j++) table[i * width + j]! += table[(i - 1) * width + j]!;
  const means = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) means[i * columns + j] = table[i * width + j]!;
  return { share: (active * interactionOf(means, x.weights, y.weights)) / variance, table: means };
}

/** The cells whose middle lies in a leaf, as half-open ranges, and the leaf's extent along the axis. */
type Extent = { readonly ranges: readonly (readonly [number, number])[]; readonly mass: number };

function extentsAlong(leaves: Leaves, axis: Axis): readonly Extent[] {
  return Array.from({ length: leaves.count }, (_, leaf) => extentOf(leaves, leaf, axis));
}

function extentOf(leaves: Leaves, leaf: number, { f, feature, weights }: Axis): Extent {
  if (feature.kind === "ordered") {
    const cut = leaves.cuts[f]!;
    const low = cut[leaves.lows[leaf * leaves.width + f]!]!;
    const high = cut[leaves.highs[leaf * leaves.width + f]!]!;
    const [from, to] = [Math.ceil(low * weights.length - 0.5), Math.ceil(high * weights.length - 0.5)];
    return { ranges: to > from ? [[from, to]] : [], mass: high - low };
  }
  const ranges: [number, number][] = [];
  let mass = 0;
  for (let option = 0; option < weights.length; option++) {
    if (leaves.options[f]![leaf * weights.length + option] === 0) continue;
    ranges.push([option, option + 1]);
    mass += weights[option]!;
  }
  return { ranges, mass };
}

/** The variance of what remains of a table when the means of its rows and columns are taken away. */
function interactionOf(table: Float64Array, rowWeights: Float64Array, columnWeights: Float64Array): number {
  const columns = columnWeights.length;
  const rowMeans = rowWeights.map((_, i) => columnWeights.reduce((sum, weight, j) => sum + weight * table[i * columns + j]!, 0));
  const columnMeans = columnWeights.map((_, j) =>
    rowWeights.reduce((sum, weight, i) => sum + weight * table[i * columns + j]!, 0),
  );
  const mean = rowWeights.reduce((sum, weight, i) => sum + weight * rowMeans[i]!, 0);
  let variance = 0;
  for (let i = 0; i < rowWeights.length; i++) {
    for (let j = 0; j < columns; j++) {
      variance += rowWeights[i]! * columnWeights[j]! * (table[i * columns + j]! - rowMeans[i]! - columnMeans[j]! + mean) ** 2;
    }
  }
  return variance;
}

function surfaceOf(forest: Forest, { axes }: Plan, found: readonly Found[], direction: Direction): PairSurface {
  const [x, y] = axes;
  const shares = found.map(({ share }) => share);
  const spread = deviationOf(shares);
  const meanAt = (cell: number): number => objectiveOf(forest, meanOf(found.map(({ table }) => table[cell]!)), direction);
  return {
    labels: [x.feature.label, y.feature.label],
    interaction: meanOf(shares),
    standardError: spread === null ? null : spread * forest.spreadScale,
    axes: [shownAxis(x), shownAxis(y)],
    means: Array.from(x.weights, (_, i) => Array.from(y.weights, (_, j) => meanAt(i * y.weights.length + j))),
  };
}

function shownAxis({ feature, weights }: Axis): SurfaceAxis {
  const { label, kind } = feature;
  const codes = Array.from(weights, (_, i) => (kind === "unordered" ? i : (i + 0.5) / weights.length));
  return { label, kind, values: codes.map((code) => decodeValue(feature, code)), positions: kind === "unordered" ? null : codes };
}
