import { minimizeInBox } from "@argmin/base";
import { boundsOf, snapped } from "./candidates.ts";
import { logImprovement } from "./improvement.ts";
import { isUnordered, nearestIndex, pointFrom, type Layout, type Point } from "./layout.ts";
import type { Posterior, Prediction } from "./posterior.ts";

/** What is to be made large. */
export type Acquisition = {
  readonly posterior: Posterior;
  /** The mean at the best point known. */
  readonly incumbent: number;
};

/** The logarithm of the improvement over the incumbent to be expected at a point. */
export function logExpectedImprovement({ posterior, incumbent }: Acquisition, x: Point): number {
  return improvementOf(posterior.predict(x), incumbent);
}

function improvementOf({ mean, variance }: Prediction, incumbent: number): number {
  const deviation = Math.sqrt(variance);
  return logImprovement((incumbent - mean) / deviation).value + Math.log(deviation);
}

export type Scored = { readonly point: Point; readonly score: number };

/** The same at many points, with the points. */
export function scoreAll({ posterior, incumbent }: Acquisition, points: readonly Point[]): readonly Scored[] {
  const predictions = posterior.predictAll(points);
  return points.map((point, i) => ({ point, score: improvementOf(predictions[i]!, incumbent) }));
}

/** What a climb takes as given. */
export type Choices = {
  /** Coordinates for parameters that become active as a choice changes. */
  readonly fallback: Point;
  /** Coordinates that stay; NaN where they are free. */
  readonly settled: Point;
};

/** Rounds of continuous and discrete steps in turns, at most. */
const rounds = 3;
/** Up to so many values of an ordered parameter are all tried. */
const allValues = 12;

/**
 * A local maximum of the expected improvement: numbers along the gradient, then every other parameter through its values one at
 * a time, in turns until nothing is gained.
 */
export function climb(acquisition: Acquisition, start: Scored, { fallback, settled }: Choices, steps: number): Scored {
  const { layout } = acquisition.posterior.kernel;
  let best = start;
  for (let round = 0; round < rounds; round++) {
    const before = best.score;
    best = alongGradient(acquisition, best, steps);
    const slid = best.score;
    best = throughValues(acquisition, layout, best, { fallback, settled });
    if (best.score === slid || best.score - before < 1e-6) break;
  }
  return best;
}

function alongGradient(acquisition: Acquisition, start: Scored, steps: number): Scored {
  const { posterior, incumbent } = acquisition;
  const { axes, isVariable } = posterior.kernel.layout;
  const moving = axes.flatMap((axis, d) =>
    axis.kind === "numeric" && isVariable[d] === 1 && !Number.isNaN(start.point[d]!) ? [d] : [],
  );
  if (moving.length === 0) return start;
  const x = start.point.slice();
  const slopes = { mean: new Float64Array(axes.length), variance: new Float64Array(axes.length) };
  const loss = (coordinates: Float64Array, gradient: Float64Array): number => {
    for (const [i, d] of moving.entries()) x[d] = coordinates[i]!;
    const { mean, variance } = posterior.predictWithSlopes(x, slopes);
    const deviation = Math.sqrt(variance);
    const z = (incumbent - mean) / deviation;
    const { value, slope } = logImprovement(z);
    for (const [i, d] of moving.entries()) {
      const ofDeviation = slopes.variance[d]! / (2 * variance);
      gradient[i] = (slope * slopes.mean[d]!) / deviation - (1 - slope * z) * ofDeviation;
    }
    return -(value + Math.log(deviation));
  };
  // Values of an earlier space, or far out in a tail, may lie beyond the bounds.
  const bounds = moving.map((d) => boundsOf(axes[d]!).map((bound, side) => reaching(bound, start.point[d]!, side)));
  const found = minimizeInBox(
    loss,
    moving.map((d) => start.point[d]!),
    {
      lower: bounds.map(([low]) => low!),
      upper: bounds.map(([, high]) => high!),
      iterations: steps,
      gradientTolerance: 1e-4,
      valueTolerance: 1e-5,
    },
  );
  const point = start.point.slice();
  for (const [i, d] of moving.entries()) point[d] = snapped(axes[d]!, found.x[i]!);
  const score = logExpectedImprovement(acquisition, point);
  return score > start.score ? { point, score } : start;
}

function reaching(bound: number, coordinate: number, side: number): number {
  return side === 0 ? Math.min(bound, coordinate) : Math.max(bound, coordinate);
}

function throughValues(acquisition: Acquisition, layout: Layout, start: Scored, { fallback, settled }: Choices): Scored {
  let best = start;
  for (const [d, axis] of layout.axes.entries()) {
    if (axis.kind !== "discrete" || axis.count === 1 || Number.isNaN(best.point[d]!) || !Number.isNaN(settled[d]!)) continue;
    const from = best.point;
    const coordinates = isUnordered(axis)
      ? distinctOptions(acquisition.posterior, d, axis.count)
      : alternatives(axis.centres, axis.count, from[d]!);
    const points = coordinates
      .filter((coordinate) => coordinate !== from[d])
      .map((coordinate) =>
        layout.governs[d] === 1 ? branched(layout, from, d, coordinate, fallback) : from.with(d, coordinate),
      );
    for (const scored of scoreAll(acquisition, points)) if (scored.score > best.score) best = scored;
  }
  return best;
}

/** The options that the model tells apart: those that were tried and, of all others, which are alike to it, the first. Where something depends on them, all. */
function distinctOptions({ kernel, points }: Posterior, d: number, count: number): readonly number[] {
  if (kernel.layout.governs[d] === 1) return Array.from({ length: count }, (_, option) => option);
  const tried = new Set(points.map((point) => point[d]!).filter((option) => !Number.isNaN(option)));
  for (let option = 0; option < count; option++) {
    if (tried.has(option)) continue;
    tried.add(option);
    break;
  }
  return [...tried].sort((a, b) => a - b);
}

/** The coordinates to try in place of one: all, or of many those at distances of 1, 2, 4 and so on. */
function alternatives(centres: Float64Array, count: number, coordinate: number): readonly number[] {
  const here = nearestIndex(centres, coordinate);
  if (count <= allValues) return [...centres].filter((_, index) => index !== here);
  const indices: number[] = [];
  for (let distance = 1; distance < count; distance *= 2) indices.push(here - distance, here + distance);
  return indices.filter((index) => index >= 0 && index < count).map((index) => centres[index]!);
}

/** A point with another option of a choice: what becomes active with it has its fallback. */
function branched(layout: Layout, from: Point, choice: number, option: number, fallback: Float64Array): Point {
  return pointFrom(layout, (d) => (d === choice ? option : Number.isNaN(from[d]!) ? fallback[d]! : from[d]!));
}
