import type { Rng } from "@argmin/base";
import { isActive } from "../../space/decode.ts";
import type { Assignment, Space } from "../../space/space.ts";
import type { History } from "../history.ts";
import type { Sampler, SuggestContext } from "../sampler.ts";
import { groupsOf, type Group } from "./groups.ts";
import { createMixture, drawNear, drawPrior, type Mixture } from "./mixture.ts";
import type { TpeSettings } from "./settings.ts";
import { countedRows, isRanked, splitRows } from "./split.ts";
import { drawStratified } from "./start-up.ts";

export type Tuning = {
  gamma: (n: number) => number;
  goodWeights: (rank: number, count: number) => number;
  spread: number; // exponent mix
  goodBand: number;
  badBand: number;
  minBand: (n: number) => number;
  share: (n: number, c: number) => number;
  refine: number;
  refineScale: number;
  badLimit: number;
  adaptive: boolean;
  badPrior: number;
  explore: number;
};

export const tuning: Tuning = {
  gamma: (n) => Math.min(25, Math.ceil(0.1 * n)),
  goodWeights: () => 1,
  spread: 0,
  goodBand: 0.2,
  badBand: 0.2,
  minBand: (n) => 1 / Math.min(100, 1 + n),
  share: (n) => 1 / (1 + n),
  refine: 0,
  refineScale: 0.5,
  badLimit: 256,
  adaptive: false,
  badPrior: 1,
  explore: 0,
};

export function createTpeSampler(settings: TpeSettings, t: Tuning = tuning): Sampler {
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
      const { space, history, attempt } = context;
      let ranked = 0;
      for (let row = 0; row < history.length && ranked < settings.startUpTrials; row++) if (isRanked(history, row)) ranked++;
      if (ranked < settings.startUpTrials) return drawStratified(context, settings.startUpTrials);
      const assignment: Record<string, number> = {};
      for (const group of groupsFor(space)) {
        const [first] = group.parameters;
        if (group.condition !== "requested" && !isActive(first!, assignment, assignment)) continue;
        const rng = context.rng.split(first!.label, attempt);
        const point = suggestGroup(group, context, settings, t, rng);
        for (const [d, { label, toValue }] of group.axes.entries()) assignment[label] = toValue(point[d]!);
      }
      return assignment;
    },
  };
}

function suggestGroup(group: Group, context: SuggestContext, settings: TpeSettings, t: Tuning, rng: Rng): Float64Array {
  const { axes } = group;
  const { history } = context;
  const rows = countedRows(history, rowsOf(history, group), settings.failed);
  const n = rows.length;
  const split = splitRows(history, rows, n === 0 ? 0 : t.gamma(n), t.badLimit, rng.split("bad"));
  const pending = pendingPoints(group, context.pending);
  const dims = axes.length;
  const goodColumns = columnsOf(history, group, split.good, []);
  const badColumns = columnsOf(history, group, split.bad, pending);
  const goodWeights = Float64Array.from(split.good, (_, i) => t.goodWeights(i, split.good.length));
  const sumGood = goodWeights.reduce((a, b) => a + b, 0) || 1;
  const goodCount = split.good.length;
  for (let i = 0; i < goodWeights.length; i++) goodWeights[i]! *= goodCount / sumGood;
  const badWeights = new Float64Array(split.bad.length + pending.length).fill(1);
  badWeights.set(split.weights);
  const badTotal = n - goodCount + pending.length;
  const band = (columns: readonly Float64Array[], weights: Float64Array, count: number, scale: number): Float64Array =>
    Float64Array.from(axes, (axis, d) => {
      if (axis.kind === "discrete" && axis.edges === null) return axis.count === 1 ? 1 : t.share(count, axis.count);
      let spread = 1;
      if (t.adaptive && count > 1) {
        let [sum, mean, square] = [1, 0.5, 1 / 12];
        const column = columns[d]!;
        for (let i = 0; i < column.length; i++) {
          const x = axis.kind === "discrete" ? axis.centres[column[i]!]! : column[i]!;
          sum += weights[i]!;
          const delta = x - mean;
          mean += (delta * weights[i]!) / sum;
          square += weights[i]! * delta * (x - mean);
        }
        spread = Math.min(1, Math.sqrt((12 * square) / sum));
      }
      const step = axis.kind === "discrete" ? 1 / axis.count : axis.step;
      return Math.max(spread ** t.spread * scale * Math.max(1, count) ** (-1 / (dims + 4)), t.minBand(count), step * 0.5);
    });
  const good = createMixture({
    axes,
    columns: goodColumns,
    weights: goodWeights,
    priorWeight: settings.priorWeight,
    bandwidths: band(goodColumns, goodWeights, goodCount, t.goodBand),
  });
  const goodB = band(goodColumns, goodWeights, goodCount, t.goodBand);
  const bad = createMixture({
    axes,
    columns: badColumns,
    weights: badWeights,
    priorWeight: settings.priorWeight * t.badPrior,
    bandwidths: band(badColumns, badWeights, badTotal, t.badBand),
  });
  return bestCandidate(group, good, bad, goodB, pending, settings.candidates, t, rng);
}

function bestCandidate(
  group: Group,
  good: Mixture,
  bad: Mixture,
  bandwidths: Float64Array,
  pending: readonly Float64Array[],
  count: number,
  t: Tuning,
  rng: Rng,
): Float64Array {
  const { axes } = group;
  const forced = axes.map((axis, d) => (group.governs[d] && rng.float() < t.explore ? drawPrior(axis, rng) : undefined));
  let best = new Float64Array(axes.length);
  let candidate = new Float64Array(axes.length);
  let bestScore = Number.NEGATIVE_INFINITY;
  const scoreOf = (point: Float64Array) =>
    good.logDensity(point) - bad.logDensity(point) + penalty(group, point, pending, bandwidths);
  for (let i = 0; i < count; i++) {
    good.sample(rng, candidate);
    forced.forEach((v, d) => {
      if (v !== undefined) candidate[d] = v;
    });
    const score = scoreOf(candidate);
    if (i === 0 || score > bestScore) {
      bestScore = score;
      [best, candidate] = [candidate, best];
    }
  }
  for (let i = 0; i < t.refine; i++) {
    for (let d = 0; d < axes.length; d++) {
      const b = bandwidths[d]!;
      const axis = axes[d]!;
      candidate[d] =
        axis.kind === "discrete" && axis.edges === null
          ? rng.float() < 0.9
            ? best[d]!
            : drawNear(axis, best[d]!, 1, rng)
          : drawNear(axis, best[d]!, b * t.refineScale, rng);
    }
    forced.forEach((v, d) => {
      if (v !== undefined) candidate[d] = v;
    });
    const score = scoreOf(candidate);
    if (score > bestScore) {
      bestScore = score;
      [best, candidate] = [candidate, best];
    }
  }
  return best;
}

function penalty({ axes }: Group, point: Float64Array, pending: readonly Float64Array[], bandwidths: Float64Array): number {
  let sum = 0;
  for (const other of pending) {
    let distance = 0;
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      if (axis.kind === "discrete" && axis.edges === null) distance += point[d] === other[d] ? 0 : 1;
      else {
        const [a, b] = axis.kind === "discrete" ? [axis.centres[point[d]!]!, axis.centres[other[d]!]!] : [point[d]!, other[d]!];
        distance += ((a - b) / bandwidths[d]!) ** 2;
      }
    }
    sum += Math.log(Math.max(1e-12, -Math.expm1(-0.5 * distance)));
  }
  return sum;
}

/** The rows in which all parameters of the group were active. */
function rowsOf(history: History, { parameters }: Group): Uint32Array {
  const [first, ...others] = parameters.map(({ label }) => history.column(label).rows);
  let common = first!;
  for (const rows of others) {
    if (isEqual(rows, common)) continue;
    const present = new Set(rows);
    common = common.filter((row) => present.has(row));
  }
  return common;
}

function isEqual(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The coordinates of the group's parameters in some rows, and in further points. */
function columnsOf(
  history: History,
  { axes }: Group,
  rows: Uint32Array,
  further: readonly Float64Array[],
): readonly Float64Array[] {
  return axes.map((axis, d) => {
    const column = history.column(axis.label);
    const coordinates = new Float64Array(rows.length + further.length);
    for (let i = 0; i < rows.length; i++) coordinates[i] = axis.toCoordinate(column.values[indexOf(column.rows, rows[i]!)]!);
    for (let i = 0; i < further.length; i++) coordinates[rows.length + i] = further[i]![d]!;
    return coordinates;
  });
}

/** Where a row stands in an ascending list that has it. */
function indexOf(rows: Uint32Array, row: number): number {
  if (rows[row] === row) return row;
  let low = 0;
  let high = Math.min(row, rows.length - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pendingPoints({ axes }: Group, pending: readonly Assignment[]): readonly Float64Array[] {
  return pending
    .filter((assignment) => axes.every(({ label }) => assignment[label] !== undefined))
    .map((assignment) => Float64Array.from(axes, ({ label, toCoordinate }) => toCoordinate(assignment[label]!)));
}
