import { Rng } from "@argmin/base";
import type { Direction } from "../storage/storage.ts";
import { drawCode, isConstant } from "./feature.ts";
import { leavesOf, type Leaves } from "./leaves.ts";
import type { TrialTable } from "./table.ts";
import { growTree, type Sample, type Tree } from "./tree.ts";

export type ForestSettings = {
  readonly seed?: number | string;
  /** How many trees; 64 unless said otherwise, half of that where they are large. */
  readonly trees?: number;
  /** The labels of the parameters that may explain something; all of them unless said otherwise. */
  readonly parameters?: readonly string[];
};

/** A random forest that predicts a trial's loss: bagged trees on standardised losses. */
export type Forest = {
  readonly table: TrialTable;
  /** The leaves of each tree. */
  readonly trees: readonly Leaves[];
  /** A tree's prediction p means a loss of mean + deviation * p. */
  readonly mean: number;
  readonly deviation: number;
  /**
   * How much of the losses' variance the forest explains of trials that a tree has not seen: R^2 out of bag, 1 at best, at most 0 where
   * it knows no more than the mean. `null` where too few trials were ever left out.
   */
  readonly explained: number | null;
  /** What the spread of a figure over the trees is to be multiplied by: each tree has seen no more than `bagSize` of the trials. */
  readonly spreadScale: number;
};

/** No tree is grown on more draws than this: with more trials its figures hardly change, and time would not be bounded. */
export const bagSize = 2048;
/** From so many trials on 32 trees tell as much as 64. */
const largeRows = 1024;
/** So many trials are predicted to measure what the forest explains. */
const judgedRows = 1024;

/**
 * Grows the forest of Hutter, Hoos and Leyton-Brown (2014): each tree on a bootstrap sample, to pure leaves, all features at each split.
 *
 * An inactive parameter is given a value drawn from the space, anew for each tree: where it is inactive its value cannot matter, so the
 * loss becomes a function of all parameters, independent of each other, of which the decomposition of variance is exact.
 *
 * @returns `undefined` where all losses are equal or there are fewer than two.
 */
export function growForest(
  table: TrialTable,
  { seed = 0, trees: treeCount = table.rows > largeRows ? 32 : 64, parameters }: ForestSettings = {},
): Forest | undefined {
  const { features, rows, losses } = table;
  const { mean, deviation } = momentsOf(losses);
  if (rows < 2 || !(deviation > 0)) return undefined;
  const targets = losses.map((loss) => loss / deviation - mean / deviation);
  const candidates = features.flatMap((feature, f) =>
    isConstant(feature) || parameters?.includes(feature.label) === false ? [] : [f],
  );
  const bag = Math.min(rows, bagSize);
  const root = Rng.fromSeed(seed).split("forest");
  const judged = root.split("judged").permutation(rows).subarray(0, judgedRows);
  const votes = new Float64Array(rows);
  const voters = new Uint32Array(rows);
  const trees: Leaves[] = [];
  const drawn = new Uint32Array(rows);
  for (let t = 0; t < treeCount; t++) {
    const rng = root.split(t);
    drawn.fill(0);
    for (let i = 0; i < bag; i++) drawn[rng.integer(rows)]! += 1;
    const tree = growTree(features, candidates, sampleOf(table, targets, drawn, rng), rng);
    trees.push(leavesOf(tree, features));
    for (const row of judged) {
      if (drawn[row]! > 0) continue;
      votes[row]! += predict(tree, table, row, rng);
      voters[row]! += 1;
    }
  }
  const explained = explainedBy(judged, targets, votes, voters);
  return { table, trees, mean, deviation, explained, spreadScale: Math.sqrt(bag / rows) };
}

function sampleOf({ features, codes }: TrialTable, targets: Float64Array, drawn: Uint32Array, rng: Rng): Sample {
  const rows: number[] = [];
  for (let row = 0; row < drawn.length; row++) if (drawn[row]! > 0) rows.push(row);
  const size = rows.length;
  const weights = new Float64Array(size);
  const own = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    weights[i] = drawn[rows[i]!]!;
    own[i] = targets[rows[i]!]!;
  }
  const columns = features.map((feature, f) => {
    const column = new Float64Array(size);
    const source = codes[f]!;
    for (let i = 0; i < size; i++) {
      const code = source[rows[i]!]!;
      column[i] = Number.isNaN(code) ? drawCode(feature, rng) : code;
    }
    return column;
  });
  return { size, weights, targets: own, codes: columns };
}

function predict(tree: Tree, { features, codes }: TrialTable, row: number, rng: Rng): number {
  let node = 0;
  for (let f = tree.features[0]!; f >= 0; f = tree.features[node]!) {
    const known = codes[f]![row]!;
    const code = Number.isNaN(known) ? drawCode(features[f]!, rng) : known;
    const set = tree.sets[node];
    const isLeft = set === undefined ? code < tree.thresholds[node]! : set[code] === 1;
    node = isLeft ? tree.lefts[node]! : tree.rights[node]!;
  }
  return tree.values[node]!;
}

function explainedBy(judged: Uint32Array, targets: Float64Array, votes: Float64Array, voters: Uint32Array): number | null {
  const rows = [...judged].filter((row) => voters[row]! > 0);
  if (rows.length < 4) return null;
  const mean = rows.reduce((sum, row) => sum + targets[row]!, 0) / rows.length;
  let error = 0;
  let total = 0;
  for (const row of rows) {
    error += (targets[row]! - votes[row]! / voters[row]!) ** 2;
    total += (targets[row]! - mean) ** 2;
  }
  return total > 0 ? 1 - error / total : null;
}

/** A prediction of the trees as a value of the objective. */
export function objectiveOf({ mean, deviation }: Forest, prediction: number, direction: Direction): number {
  const value = mean + deviation * prediction;
  const limited = Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));
  return (direction === "minimize" ? limited : -limited) + 0;
}

/** Mean and standard deviation, scaled first so that squares of extreme losses stay finite. */
export function momentsOf(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return { mean: 0, deviation: 0 };
  let mean = 0;
  for (const value of values) mean += value / largest / values.length;
  let square = 0;
  for (const value of values) square += (value / largest - mean) ** 2 / values.length;
  // Of equal numbers the mean may differ in the last digit.
  const deviation = values.every((value) => value === values[0]) ? 0 : Math.sqrt(square);
  return { mean: mean * largest, deviation: deviation * largest };
}
