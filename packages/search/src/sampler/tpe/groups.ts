import { canonicalJson } from "@argmin/base";
import type { Condition, Parameter, Space } from "../../space/space.ts";
import { axisOf, type Axis } from "./axis.ts";

/** Parameters that are always active together, and so can be modelled together. */
export type Group = {
  readonly condition: Condition;
  readonly parameters: readonly Parameter[];
  readonly axes: readonly Axis[];
  /** Which of the parameters are choices that other parameters depend on. */
  readonly governs: readonly boolean[];
};

/**
 * The groups of a space, those first whose choices the conditions of later ones speak of. Parameters that a trial requests one
 * by one are groups of their own.
 */
export function groupsOf(space: Space): readonly Group[] {
  const byCondition = new Map<string, Parameter[]>();
  for (const parameter of space.parameters) {
    const { condition, label } = parameter;
    const key = condition === "requested" ? `requested ${label}` : canonicalJson(condition);
    const members = byCondition.get(key);
    if (members === undefined) byCondition.set(key, [parameter]);
    else members.push(parameter);
  }
  const governing = new Set(
    space.parameters.flatMap(({ condition }) => (typeof condition === "string" ? [] : condition.map(({ label }) => label))),
  );
  return Array.from(byCondition.values(), (parameters) => ({
    condition: parameters[0]!.condition,
    parameters,
    axes: parameters.map(axisOf),
    governs: parameters.map(({ label }) => governing.has(label)),
  }));
}
