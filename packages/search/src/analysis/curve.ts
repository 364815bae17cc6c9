import type { Assignment } from "../space/space.ts";
import { latticeValue } from "../space/domain.ts";
import type { Direction } from "../storage/storage.ts";
import { decodeValue, encodeValue, type Feature } from "./feature.ts";
import { objectiveOf, type Forest } from "./forest.ts";
import { deviationOf, meanOf } from "./importance.ts";

/** What is expected of the objective along one parameter. */
export type MarginalCurve = {
  readonly label: string;
  /** "ordered": the points follow the parameter's scale. "unordered": one point an option. */
  readonly kind: "ordered" | "unordered";
  readonly points: readonly CurvePoint[];
};

export type CurvePoint = {
  /** As in an assignment: a number, or the index of an option. */
  readonly value: Assignment[string];
  /** Where the value lies on the parameter's own scale, from 0 to 1: the probability of a smaller one. `null` of an option. */
  readonly position: number | null;
  /** The mean prediction, in the objective's own sign and units. */
  readonly mean: number;
  /** One standard error to both sides; see `fanova`. */
  readonly low: number;
  readonly high: number;
};

const pointCount = 41;

/** Where a curve of the feature is evaluated, in units of probability, ascending; empty for one without order. */
export function gridUnits(feature: Feature): Float64Array {
  const { domain } = feature;
  if (feature.kind === "unordered") return new Float64Array(0);
  if (domain.kind === "lattice" && domain.count <= pointCount) {
    return Float64Array.from({ length: domain.count }, (_, k) => encodeValue(feature, latticeValue(domain, k)));
  }
  // A normal's curve stops where `decodeValue` does.
  const margin = domain.kind === "gaussian" ? 0.005 : 0;
  return Float64Array.from({ length: pointCount }, (_, i) => margin + (1 - 2 * margin) * (i / (pointCount - 1)));
}

/** The curve of a feature from each tree's means, standardised, at the units or of the options. */
export function curveOf(
  feature: Feature,
  units: Float64Array,
  means: readonly Float64Array[],
  forest: Forest,
  direction: Direction,
): MarginalCurve {
  const count = feature.kind === "unordered" ? feature.weights.length : units.length;
  const points = Array.from({ length: means.length === 0 ? 0 : count }, (_, i): CurvePoint => {
    const predictions = means.map((tree) => tree[i]!);
    const middle = meanOf(predictions);
    const error = (deviationOf(predictions) ?? 0) * forest.spreadScale;
    const [low, mean, high] = [middle - error, middle, middle + error]
      .map((prediction) => objectiveOf(forest, prediction, direction))
      .toSorted((a, b) => a - b);
    const code = feature.kind === "unordered" ? i : units[i]!;
    return {
      value: decodeValue(feature, code),
      position: feature.kind === "unordered" ? null : code,
      mean: mean!,
      low: low!,
      high: high!,
    };
  });
  return { label: feature.label, kind: feature.kind, points };
}
