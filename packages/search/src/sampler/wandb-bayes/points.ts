import type { Rng } from "@argmin/base";
import { isActive } from "../../space/decode.ts";
import { cumulative, quantile } from "../../space/domain.ts";
import type { Assignment, Parameter } from "../../space/space.ts";
import type { History } from "../history.ts";

/** A configuration in the unit cube: one coordinate a parameter, its value's place in the parameter's distribution. */
export type Point = Float64Array;

/** Where an inactive parameter stands, so that it makes no difference between configurations that are without it. */
const inactive = 0.5;

export function pointOf(parameters: readonly Parameter[], assignment: Assignment): Point {
  return Float64Array.from(parameters, ({ label, domain }) => {
    const value = assignment[label];
    return value === undefined ? inactive : cumulative(domain, value);
  });
}

/** The points of a history's rows. */
export function pointsOf(parameters: readonly Parameter[], history: History): readonly Point[] {
  const points = Array.from({ length: history.length }, () => new Float64Array(parameters.length).fill(inactive));
  for (const [d, { label, domain }] of parameters.entries()) {
    const { values, rows } = history.column(label);
    for (let i = 0; i < rows.length; i++) points[rows[i]!]![d] = cumulative(domain, values[i]!);
  }
  return points;
}

/** A point drawn uniformly. */
export function drawPoint(parameters: readonly Parameter[], rng: Rng): Point {
  return Float64Array.from(parameters, () => rng.float());
}

/** The configuration that a point stands for. What is inactive in it is moved to its resting place in `point`. */
export function settle(parameters: readonly Parameter[], point: Point): Assignment {
  const assignment: Record<string, number> = {};
  for (const [d, parameter] of parameters.entries()) {
    const { label, domain, condition } = parameter;
    if (condition === "requested" || isActive(parameter, assignment, assignment)) assignment[label] = quantile(domain, point[d]!);
    else point[d] = inactive;
  }
  return assignment;
}
