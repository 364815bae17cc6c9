import { logMassBetween, Rng } from "@argmin/base";
import { decodeValue, featureOf, isConstant, type Feature } from "./feature.ts";
import { deviationOf, ranked, type Importances } from "./importance.ts";
import type { Parameter, Space } from "../space/space.ts";
import { activeCount, type TrialTable } from "./table.ts";

export type PedAnovaSettings = {
  /** Which trials count as good: those of the best `targetQuantile`, 0.1 unless said otherwise. */
  readonly targetQuantile?: number;
  /** Among which trials: those of the best `regionQuantile`, all of them unless said otherwise. */
  readonly regionQuantile?: number;
  /** Compare with where the trials were (the default), or with an even spread over the space. */
  readonly evaluateOnLocal?: boolean;
  /** Resamples of the trials for the standard error; 24 unless said otherwise, 0 for none. */
  readonly resamples?: number;
  readonly seed?: number | string;
};

/**
 * How much being among the best depends on each parameter: the Pearson divergence of the density of the good trials from that of all,
 * estimated on a grid of at most 50 cells by Parzen windows (Watanabe, Bansal and Hutter, 2023, Algorithm 1), where the parameter is
 * active (conditional PED-ANOVA, Theorem 4.2). The figures are no shares; they compare with each other only.
 *
 * @remarks The figures are those of Optuna's evaluator. Parameters without bounds, which it does not have, are put on the grid by their
 *   probability.
 */
export function pedAnova(space: Space, table: TrialTable, settings: PedAnovaSettings = {}): Importances {
  const { targetQuantile = 0.1, regionQuantile = 1, evaluateOnLocal = true, resamples = 24, seed = 0 } = settings;
  const grids = space.parameters.map((parameter) => gridOf(parameter, table));
  const everyRow = Uint32Array.from({ length: table.rows }, (_, row) => row);
  const measure = (rows: Uint32Array): readonly number[] => {
    const target = bestOf(rows, table.losses, targetQuantile);
    const region = regionQuantile === 1 ? rows : bestOf(rows, table.losses, regionQuantile);
    return grids.map((grid) => (rows.length < 2 ? 0 : divergence(grid, target, region, evaluateOnLocal)));
  };
  const figures = measure(everyRow);
  const rng = Rng.fromSeed(seed).split("ped-anova");
  const again = Array.from({ length: table.rows < 2 ? 0 : resamples }, () =>
    measure(everyRow.map(() => rng.integer(table.rows))),
  );
  return {
    method: "ped-anova",
    parameters: ranked(
      space.parameters.map(({ label }, f) => ({
        label,
        importance: figures[f]!,
        standardError: deviationOf(again.map((run) => run[f]!)),
        trials: activeCount(table, f),
      })),
    ),
  };
}

/** A parameter on a grid. */
type Grid = {
  readonly size: number;
  readonly isOrdered: boolean;
  /** The cell of each row; -1 where the parameter is inactive. */
  readonly cells: Int32Array;
};

const mostCells = 50;
const smallestRegime = 2;
const densityFloor = 1e-12;
/** So that the two neighbouring cells are within 90 % of a window. */
const smallestWidth = 0.5 / 1.64;

function gridOf(parameter: Parameter, table: TrialTable): Grid {
  const feature = featureOf(parameter);
  const codes = table.codes[table.features.findIndex(({ label }) => label === parameter.label)]!;
  if (isConstant(feature)) return { size: 1, isOrdered: false, cells: new Int32Array(codes.length).fill(-1) };
  if (feature.kind === "unordered") {
    return { size: feature.weights.length, isOrdered: false, cells: Int32Array.from(codes, (code) => (code >= 0 ? code : -1)) };
  }
  const { size, first, last, positionOf } = scaleOf(feature);
  const step = (last - first) / (size - 1);
  // Halfway between two cells belongs to the lower one.
  const cells = Int32Array.from(codes, (code) =>
    Number.isNaN(code) ? -1 : Math.min(size - 1, Math.max(0, Math.ceil((positionOf(code) - first) / step - 0.5))),
  );
  return { size, isOrdered: true, cells };
}

/** How many cells a parameter has, and where values lie between the middle of the first and that of the last one. */
function scaleOf(feature: Feature): {
  readonly size: number;
  readonly first: number;
  readonly last: number;
  readonly positionOf: (code: number) => number;
} {
  const { domain } = feature;
  if (domain.kind !== "lattice") return { size: mostCells, first: 0, last: 1, positionOf: (code) => code };
  const count = domain.log ? Math.ceil(Math.log(domain.count) / Math.log(2)) + 1 : domain.count;
  const scale = domain.log ? Math.log : (value: number) => value;
  return {
    size: Math.min(mostCells, count),
    first: scale(domain.first),
    last: scale(domain.last),
    // Through the value itself, so that what lies halfway does so exactly.
    positionOf: (code) => scale(decodeValue(feature, code)),
  };
}

/** The rows whose loss is at most that of the last one within the quantile. */
function bestOf(rows: Uint32Array, losses: Float64Array, quantile: number): Uint32Array {
  const sorted = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) sorted[i] = losses[rows[i]!]!;
  const cut = sorted.sort()[Math.ceil(quantile * rows.length) - 1]!;
  const best: number[] = [];
  for (let i = 0; i < rows.length; i++) if (losses[rows[i]!]! <= cut) best.push(rows[i]!);
  return Uint32Array.from(best);
}

function divergence({ size, isOrdered, cells }: Grid, target: Uint32Array, region: Uint32Array, isLocal: boolean): number {
  const good = countCells(cells, target, size);
  const all = countCells(cells, region, size);
  if (size < 2 || all.total < smallestRegime || good.total === 0) return 0;
  const density = isOrdered ? densityOnLine : densityOfOptions;
  const top = density(good.counts);
  const local = isLocal ? density(all.counts) : undefined;
  let sum = 0;
  for (let cell = 0; cell < size; cell++) {
    const below = local === undefined ? 1 / size : local[cell]! + densityFloor;
    sum += below * ((top[cell]! + densityFloor) / below - 1) ** 2;
  }
  const goodShare = good.total / target.length;
  const allShare = all.total / region.length;
  return (goodShare ** 2 / allShare) * sum * (target.length / region.length) ** 2;
}

function countCells(
  cells: Int32Array,
  rows: Uint32Array,
  size: number,
): { readonly counts: Float64Array; readonly total: number } {
  const counts = new Float64Array(size);
  let total = 0;
  for (const row of rows) {
    const cell = cells[row]!;
    if (cell < 0) continue;
    counts[cell]! += 1;
    total += 1;
  }
  return { counts, total };
}

/** Windows around the occupied cells and one over all of them, each truncated to the grid; one width for all by Scott's rule. */
function densityOnLine(counts: Float64Array): Float64Array {
  const occupied = [...counts.keys()].filter((cell) => counts[cell]! > 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = occupied.reduce((sum, cell) => sum + cell * counts[cell]!, 0) / total;
  const square = occupied.reduce((sum, cell) => sum + (cell - mean) ** 2 * counts[cell]!, 0);
  const deviation = Math.sqrt(square / Math.max(1, total - 1));
  const cumulated: number[] = [];
  for (const cell of occupied) cumulated.push((cumulated.at(-1) ?? 0) + counts[cell]!);
  const placeOf = (isBefore: (sum: number) => boolean): number => cumulated.filter(isBefore).length;
  const lower = placeOf((sum) => sum < Math.floor(total / 4));
  const upper = Math.min(
    occupied.length - 1,
    placeOf((sum) => sum <= Math.floor((total * 3) / 4)),
  );
  const between = occupied[upper]! - occupied[lower]!;
  const width = Math.max(1.059 * Math.min(between / 1.34, deviation) * total ** -0.2, smallestWidth);
  const density = new Float64Array(counts.length);
  const around = windowMasses(width, counts.length, 0);
  for (const cell of occupied) addWindow(density, around, cell, counts[cell]! / (total + 1));
  const { length } = counts;
  const isBetween = length % 2 === 0;
  // The widest window stands in the middle, between two cells if their number is even.
  addWindow(density, windowMasses(length, length, isBetween ? 0.5 : 0), (length - 1) / 2, 1 / (total + 1));
  return density;
}

/** The mass of a cell as far from a window's middle as its index and `offset` say. */
function windowMasses(width: number, length: number, offset: number): Float64Array {
  return Float64Array.from({ length }, (_, distance) =>
    Math.exp(logMassBetween((distance + offset - 0.5) / width, (distance + offset + 0.5) / width)),
  );
}

/** Adds a window truncated to the grid. */
function addWindow(density: Float64Array, masses: Float64Array, middle: number, weight: number): void {
  let whole = 0;
  for (let cell = 0; cell < density.length; cell++) whole += masses[Math.floor(Math.abs(cell - middle))]!;
  for (let cell = 0; cell < density.length; cell++)
    density[cell]! += (weight / whole) * masses[Math.floor(Math.abs(cell - middle))]!;
}

/** A smoothed share of each option: every option that was seen spreads a little over all others. */
function densityOfOptions(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const kernels = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0) + 1;
  const rest = 1 / kernels / (1 + counts.length / kernels);
  const own = (1 + 1 / kernels) / (1 + counts.length / kernels);
  return counts.map((count) => (count * own + (total - count) * rest + 1 / counts.length) / (total + 1));
}
