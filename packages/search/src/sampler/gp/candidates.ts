import type { Rng } from "@argmin/base";
import { quantile } from "../../space/domain.ts";
import type { Axis } from "../tpe/axis.ts";
import { coordinateOf, nearestIndex, pointFrom, valueAt, type Layout, type Point } from "./layout.ts";

/**
 * Points spread evenly over the space's own distributions: an additive recurrence with the roots of a generalised golden ratio
 * (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018), shifted by chance.
 *
 * @param settled - Coordinates that all points have; NaN where they are free.
 */
export function spreadPoints(layout: Layout, count: number, settled: Point, rng: Rng): readonly Point[] {
  const dimensions = layout.axes.length;
  let ratio = 2;
  // The root of x^(d + 1) = x + 1.
  for (let i = 0; i < 60; i++) ratio = (1 + ratio) ** (1 / (dimensions + 1));
  const steps = layout.axes.map((_, d) => ratio ** -(d + 1));
  const shifts = layout.axes.map(() => rng.float());
  return Array.from({ length: count }, (_, i) =>
    pointFrom(layout, (d) => {
      return Number.isNaN(settled[d]!) ? fromPrior(layout, d, (shifts[d]! + (i + 1) * steps[d]!) % 1) : settled[d]!;
    }),
  );
}

/** The coordinate below which a part `unit` of a parameter's own distribution lies. */
export function fromPrior({ parameters, axes }: Layout, d: number, unit: number): number {
  return coordinateOf(axes[d]!, quantile(parameters[d]!.domain, unit));
}

/** How far a coordinate is moved, at least and at most, in parts of its range. */
const [nearest, farthest] = [1e-3, 0.3];
/** How many of a point's parameters change, on average. */
const changes = 2;

/** Points near others: some parameters changed, numbers by distances of all magnitudes. Of what has become active all is drawn anew. */
export function nearPoints(layout: Layout, from: readonly Point[], count: number, settled: Point, rng: Rng): readonly Point[] {
  if (from.length === 0) return [];
  const share = Math.min(1, changes / layout.axes.length);
  return Array.from({ length: count }, (_, i) => {
    const base = from[i % from.length]!;
    const reach = nearest * (farthest / nearest) ** rng.float();
    const isWhole = rng.float() < 0.5;
    const forced = rng.integer(layout.axes.length);
    return pointFrom(layout, (d) => {
      if (!Number.isNaN(settled[d]!)) return settled[d]!;
      const isChanged = isWhole || d === forced || rng.float() < share;
      if (Number.isNaN(base[d]!)) return fromPrior(layout, d, rng.float());
      return isChanged ? moved(layout, d, base[d]!, reach, isWhole, rng) : base[d]!;
    });
  });
}

function moved(layout: Layout, d: number, coordinate: number, reach: number, isWhole: boolean, rng: Rng): number {
  const axis = layout.axes[d]!;
  if (axis.kind === "numeric") return snapped(axis, bounded(axis, coordinate + reach * rng.normal()));
  if (axis.edges === null) return isWhole && rng.float() < 0.8 ? coordinate : fromPrior(layout, d, rng.float());
  const index = nearestIndex(axis.centres, coordinate);
  const step = Math.round(reach * axis.count * rng.normal()) || (isWhole ? 0 : rng.float() < 0.5 ? -1 : 1);
  return axis.centres[Math.min(Math.max(index + step, 0), axis.count - 1)]!;
}

/** How far out of its middle the search looks for a parameter without bounds: 3.6 standard deviations. */
const unboundedReach = 0.9;

/** Where a numeric parameter may go. */
export function boundsOf(axis: Axis): readonly [number, number] {
  if (axis.kind === "discrete") return [0, 1];
  return [
    axis.low > -Infinity ? axis.low : Math.min(-unboundedReach, axis.high),
    axis.high < Infinity ? axis.high : Math.max(unboundedReach, axis.low),
  ];
}

function bounded(axis: Axis, coordinate: number): number {
  const [low, high] = boundsOf(axis);
  return Math.min(Math.max(coordinate, low), high);
}

/** The coordinate of the value nearest to a coordinate. */
export function snapped(axis: Axis, coordinate: number): number {
  return coordinateOf(axis, valueAt(axis, coordinate));
}
