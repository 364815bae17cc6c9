import type { JsonValue } from "@argmin/base";
import { nearest } from "./domain.ts";
import { missingValue, unknownOption } from "./mismatch.ts";
import type { Assignment, Parameter } from "./space.ts";
import type { SampleShape, Template } from "./template.ts";

/** Builds samples of one space. */
export type Reader = (assignment: Assignment) => JsonValue;

/** The reader of a space. What can be looked up is looked up now, so that reading is a walk through closures. */
export function createReader(parameters: ReadonlyMap<string, Parameter>, shape: SampleShape): Reader {
  return shape === "requested" ? requestedReader(parameters) : readerOf(shape, parameters, new Map());
}

/**
 * The value of an active parameter, moved to the nearest one that its domain has.
 *
 * @throws ArgminError `space/invalid` if it is missing, or the index of no option.
 */
export function valueOf(parameter: Parameter, assignment: Assignment): number {
  const value: unknown = assignment[parameter.label];
  if (typeof value !== "number" || Number.isNaN(value)) throw missingValue(parameter, value);
  const { domain } = parameter;
  if (domain.kind !== "categories") return nearest(domain, value);
  if (!(Number.isInteger(value) && value >= 0 && value < domain.count)) throw unknownOption(parameter, value);
  return value;
}

/**
 * Whether a parameter is active in an assignment.
 *
 * @param active - The active values of the parameters before it.
 */
export function isActive({ label, condition }: Parameter, assignment: Assignment, active: Assignment): boolean {
  if (condition === "always") return true;
  if (condition === "requested") return Object.hasOwn(assignment, label);
  return condition.some((branch) => active[branch.label] === branch.option);
}

function readerOf(template: Template, parameters: ReadonlyMap<string, Parameter>, known: Map<string, Reader>): Reader {
  if (template.kind === "constant") return () => template.value;
  if (template.kind === "array") {
    const items = template.items.map((item) => readerOf(item, parameters, known));
    return (assignment) => items.map((item) => item(assignment));
  }
  if (template.kind === "object") {
    const keys = Object.keys(template.members);
    const members = Object.values(template.members).map((member) => readerOf(member, parameters, known));
    return (assignment) => {
      const result: Record<string, JsonValue> = {};
      for (let i = 0; i < keys.length; i++) result[keys[i]!] = members[i]!(assignment);
      return result;
    };
  }
  const parameter = parameters.get(template.label);
  if (parameter === undefined) throw new Error(`internal: no parameter '${template.label}'.`);
  const reader = known.get(template.label) ?? parameterReader(parameter, (option) => readerOf(option, parameters, known));
  known.set(template.label, reader);
  return reader;
}

function parameterReader(parameter: Parameter, compile: (option: Template) => Reader): Reader {
  const { distribution } = parameter;
  if (distribution.kind !== "choice") return (assignment) => valueOf(parameter, assignment);
  const options = distribution.options.map(compile);
  return (assignment) => options[valueOf(parameter, assignment)]!(assignment);
}

function requestedReader(parameters: ReadonlyMap<string, Parameter>): Reader {
  const readers = Array.from(parameters.values(), (parameter) => {
    const read = parameterReader(parameter, (option) => readerOf(option, parameters, new Map()));
    return [parameter.label, read] as const;
  });
  return (assignment) => {
    const result: Record<string, JsonValue> = {};
    for (const [label, read] of readers) if (Object.hasOwn(assignment, label)) result[label] = read(assignment);
    return result;
  };
}
