import type { Assignment, Parameter, Space } from "../../space/space.ts";
import { axisOf, type Axis } from "../tpe/axis.ts";
import { groupsOf } from "../tpe/groups.ts";

/** One configuration: a coordinate a parameter, NaN where it is inactive. Of values in order their place, of others their index. */
export type Point = Float64Array;

/** A part of the objective that is a function of parameters that are active together. */
export type Term = {
  /** Its own parameters, as indices into the layout's axes. */
  readonly own: Uint32Array;
  /** The terms whose own parameters are always active with them, which it inherits. */
  readonly ancestors: readonly number[];
};

/** "The choice that is parameter `axis` has taken its option number `option`." */
type ChoicePlace = { readonly axis: number; readonly option: number };

/** A space as the Gaussian process sees it. */
export type Layout = {
  readonly parameters: readonly Parameter[];
  readonly axes: readonly Axis[];
  /** Whether values of a parameter are only the same or not, without any distance between them. */
  readonly isUnordered: Uint8Array;
  /** Whether a parameter has more than one value. */
  readonly isVariable: Uint8Array;
  /** When a parameter is active: always where there is nothing, else where one of the choices has taken the option. */
  readonly conditions: readonly (readonly ChoicePlace[] | undefined)[];
  /** Whether other parameters depend on a parameter. */
  readonly governs: Uint8Array;
  /** One for each set of parameters that are active together. */
  readonly terms: readonly Term[];
};

export function layoutOf(space: Space): Layout {
  const { parameters } = space;
  const axes = parameters.map(axisOf);
  const groups = groupsOf(space);
  const groupOfLabel = new Map(groups.flatMap((group, g) => group.parameters.map(({ label }) => [label, g] as const)));
  const place = new Map(parameters.map(({ label }, d) => [label, d]));
  // The groups that are active whenever a group is, itself left out. Groups stand behind those that their conditions speak of.
  const ancestors: (readonly number[])[] = [];
  for (const { condition } of groups) {
    const always = groups.flatMap((other, g) => (other.condition === "always" ? [g] : []));
    if (typeof condition === "string") {
      ancestors.push([]);
      continue;
    }
    const ways = condition.map(({ label }) => {
      const parent = groupOfLabel.get(label)!;
      return new Set([...ancestors[parent]!, parent]);
    });
    const shared = [...ways[0]!].filter((g) => ways.every((way) => way.has(g)));
    ancestors.push([...new Set([...always, ...shared])]);
  }
  const terms = groups.map((group, g) => ({
    own: Uint32Array.from(group.parameters, ({ label }) => place.get(label)!),
    ancestors: ancestors[g]!,
  }));
  const conditions = parameters.map(({ condition }) =>
    typeof condition === "string" ? undefined : condition.map(({ label, option }) => ({ axis: place.get(label)!, option })),
  );
  return {
    parameters,
    axes,
    isUnordered: Uint8Array.from(axes, (axis) => (isUnordered(axis) ? 1 : 0)),
    isVariable: Uint8Array.from(axes, (axis) => (axis.kind === "discrete" && axis.count === 1 ? 0 : 1)),
    conditions,
    governs: Uint8Array.from(parameters, (_, d) => (conditions.some((ways) => ways?.some(({ axis }) => axis === d)) ? 1 : 0)),
    terms,
  };
}

export function isUnordered(axis: Axis): boolean {
  return axis.kind === "discrete" && axis.edges === null;
}

/** The coordinate of a value: of what has no upper end, no further out than can be computed with. */
export function coordinateOf(axis: Axis, value: number): number {
  const coordinate = axis.toCoordinate(value);
  if (axis.kind === "discrete") return axis.edges === null ? coordinate : axis.centres[coordinate]!;
  return Math.min(Math.max(coordinate, -farthest), farthest);
}

/** In units of the width of a distribution: far beyond all that a search is about. */
const farthest = 50;

/** The value whose coordinate is nearest. */
export function valueAt(axis: Axis, coordinate: number): number {
  if (axis.kind === "numeric" || axis.edges === null) return axis.toValue(coordinate);
  return axis.toValue(nearestIndex(axis.centres, coordinate));
}

/** Where in an ascending list the nearest entry is. */
export function nearestIndex(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= value) low = middle;
    else high = middle;
  }
  return value - ascending[low]! <= ascending[high]! - value ? low : high;
}

/** Whether parameter `d` is active where those before it are as `point` has them. */
export function isActiveAt({ conditions }: Layout, d: number, point: Point): boolean {
  const ways = conditions[d];
  return ways === undefined || ways.some(({ axis, option }) => point[axis] === option);
}

/** The point whose active parameters have the coordinates that `choose` says; it is asked in order, and can see those before. */
export function pointFrom(layout: Layout, choose: (d: number, point: Point) => number): Point {
  const point = new Float64Array(layout.axes.length).fill(Number.NaN);
  for (let d = 0; d < point.length; d++) if (isActiveAt(layout, d, point)) point[d] = choose(d, point);
  return point;
}

/** The coordinates of an assignment; `undefined` if it lacks a parameter that is active in it, being of another space. */
export function pointOf(layout: Layout, valueOf: (label: string) => number | undefined): Point | undefined {
  let isWhole = true;
  const point = pointFrom(layout, (d) => {
    const { label, condition } = layout.parameters[d]!;
    const value = valueOf(label);
    if (value !== undefined && !Number.isNaN(value)) return coordinateOf(layout.axes[d]!, value);
    if (condition !== "requested") isWhole = false;
    return Number.NaN;
  });
  return isWhole ? point : undefined;
}

/** The assignment at a point: its active parameters at their nearest values. */
export function assignmentAt({ parameters, axes }: Layout, point: Point): Assignment {
  const assignment: Record<string, number> = {};
  for (const [d, { label }] of parameters.entries()) {
    if (!Number.isNaN(point[d]!)) assignment[label] = valueAt(axes[d]!, point[d]!);
  }
  return assignment;
}

/** Whether a term's parameters are active at a point. */
export function isTermActive({ own }: Term, point: Point): boolean {
  return !Number.isNaN(point[own[0]!]!);
}
