import { ArgminError, canonicalJson, isArgminError } from "@argmin/base";
import { isActive, valueOf } from "./decode.ts";
import { describeOptions } from "./describe.ts";
import { findDiscriminant, textMembersOfTemplate } from "./discriminant.ts";
import type { Distribution, DistributionOf } from "./distribution.ts";
import { contains } from "./domain.ts";
import { missingValue, outOfDomain, shown, unknownOption, unlikeAnyOption } from "./mismatch.ts";
import type { Assignment, Parameter } from "./space.ts";
import type { SampleShape, Template } from "./template.ts";

/** The two directions in which a space meets values from outside. */
export type Encoder = {
  readonly encode: (values: unknown) => Assignment;
  readonly validate: (assignment: Assignment) => void;
};

type Members = { readonly [key: string]: unknown };
/** The numbers read so far, by label. */
type Found = Map<string, number>;

/** Reads samples and flat values of one space, as `Space.encode` and `Space.validate` promise. */
export function createEncoder(
  parameters: readonly Parameter[],
  byLabel: ReadonlyMap<string, Parameter>,
  shape: SampleShape,
): Encoder {
  const parameterOf = (label: string): Parameter => {
    const parameter = byLabel.get(label);
    if (parameter === undefined) throw unknownLabel(label, byLabel);
    return parameter;
  };

  const keep = (found: Found, parameter: Parameter, value: number): void => {
    const { label } = parameter;
    const earlier = found.get(label);
    if (earlier !== undefined && earlier !== value) {
      throw new ArgminError(
        "space/invalid",
        `'${label}' is given both as ${earlier} and as ${value}; it stands in several places but is one parameter.`,
      );
    }
    found.set(label, value);
  };

  const matchParameter = (parameter: Parameter, value: unknown, found: Found): void => {
    const { distribution } = parameter;
    if (distribution.kind === "choice") matchChoice(parameter, distribution, value, found);
    else keep(found, parameter, checkedNumber(parameter, value));
  };

  const matchTemplate = (template: Template, value: unknown, path: string, found: Found): void => {
    switch (template.kind) {
      case "parameter":
        return matchParameter(parameterOf(template.label), value, found);
      case "constant":
        if (isSame(template.value, value)) return;
        throw mismatch(path, value, `the constant ${shown(template.value)}`);
      case "array":
        if (!Array.isArray(value) || value.length !== template.items.length) {
          throw mismatch(path, value, `an array of ${template.items.length} items`);
        }
        for (const [i, item] of template.items.entries()) matchTemplate(item, value[i], `${path}[${i}]`, found);
        return;
      case "object": {
        const keys = Object.keys(template.members);
        if (!isMembers(value)) throw mismatch(path, value, `an object with ${keys.join(", ")}`);
        const unknown = Object.keys(value).find((key) => !keys.includes(key));
        if (unknown !== undefined) throw mismatch(join(path, unknown), value[unknown], `no such member, but ${keys.join(", ")}`);
        for (const [key, member] of Object.entries(template.members)) {
          // A person need not repeat what does not vary.
          if (member.kind === "constant" && value[key] === undefined) continue;
          matchTemplate(member, value[key], join(path, key), found);
        }
      }
    }
  };

  const matchChoice = (parameter: Parameter, { options }: DistributionOf<"choice">, value: unknown, found: Found): void => {
    const given = describeOptions(options).findIndex((description) => isSame(description, value));
    if (given >= 0) return keep(found, parameter, given);
    const discriminant = findDiscriminant(options.map(textMembersOfTemplate));
    const text = discriminant !== undefined && isMembers(value) ? value[discriminant.key] : value;
    const named = typeof text === "string" ? (discriminant?.values.indexOf(text) ?? -1) : -1;
    if (named >= 0) {
      keep(found, parameter, named);
      if (isMembers(value)) matchTemplate(options[named]!, value, parameter.label, found);
      return;
    }
    let outOfBounds: ArgminError | undefined;
    for (const [index, option] of options.entries()) {
      const attempt = new Map(found);
      try {
        keep(attempt, parameter, index);
        matchTemplate(option, value, parameter.label, attempt);
      } catch (error) {
        if (!isArgminError(error)) throw error;
        // The right structure with a wrong number says more than "no option is like that".
        if (error.code === "space/bounds") outOfBounds = error;
        continue;
      }
      for (const [label, number] of attempt) found.set(label, number);
      return;
    }
    throw outOfBounds ?? unlikeAnyOption(parameter, value);
  };

  const matchFlat = (values: Members): Found => {
    const found: Found = new Map();
    for (const [label, value] of Object.entries(values)) matchParameter(parameterOf(label), value, found);
    return found;
  };

  const matchSample = (template: Template, value: unknown): Found => {
    const found: Found = new Map();
    matchTemplate(template, value, "", found);
    return found;
  };

  const match = (values: unknown): Found => {
    if (shape === "requested") {
      if (!isMembers(values)) throw mismatch("", values, "an object of values by label");
      return matchFlat(values);
    }
    if (!isMembers(values)) return matchSample(shape, values);
    const keys = Object.keys(values);
    if (keys.every((key) => byLabel.has(key))) {
      // Only the members of a root that is a choice can be mistaken for labels: labels do not name other members of a root object.
      return shape.kind === "parameter"
        ? eitherOf(
            () => matchSample(shape, values),
            () => matchFlat(values),
          )
        : matchFlat(values);
    }
    if (shape.kind === "object") {
      const stranger = keys.find((key) => !byLabel.has(key) && !Object.hasOwn(shape.members, key));
      if (stranger !== undefined) throw unknownLabel(stranger, byLabel);
    }
    return matchSample(shape, values);
  };

  /** The active part of what was found; complains of what is missing and of what is too much. */
  const settle = (found: Assignment): Assignment => {
    const active: Record<string, number> = {};
    for (const parameter of parameters) {
      if (isActive(parameter, found, active)) active[parameter.label] = valueOf(parameter, found);
      else if (Object.hasOwn(found, parameter.label)) throw inactive(parameter, found, byLabel);
    }
    return active;
  };

  return {
    encode: (values) => settle(Object.fromEntries(match(values))),
    validate: (assignment) => {
      for (const [label, value] of Object.entries(assignment)) checkedNumber(parameterOf(label), value);
      settle(assignment);
    },
  };
}

function checkedNumber(parameter: Parameter, value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw missingValue(parameter, value);
  if (contains(parameter.domain, value)) return value;
  throw parameter.domain.kind === "categories" ? unknownOption(parameter, value) : outOfDomain(parameter, value);
}

function eitherOf<T>(first: () => T, second: () => T): T {
  try {
    return first();
  } catch (error) {
    if (!isArgminError(error)) throw error;
    return second();
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equal as JSON: 1, "1" and true are three values. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  try {
    return canonicalJson(a) === canonicalJson(b);
  } catch (error) {
    if (isArgminError(error, "json/invalid")) return false;
    throw error;
  }
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function mismatch(path: string, value: unknown, wanted: string): ArgminError {
  const place = path === "" ? "The sample" : `'${path}'`;
  const found = value === undefined ? "is missing" : `is ${shown(value)}`;
  return new ArgminError("space/invalid", `${place} ${found}; wanted ${wanted}.`);
}

function unknownLabel(label: string, byLabel: ReadonlyMap<string, Parameter>): ArgminError {
  const labels = [...byLabel.keys()];
  const list = labels.slice(0, 12).join(", ") + (labels.length > 12 ? ` and ${labels.length - 12} more` : "");
  return new ArgminError(
    "space/invalid",
    `The space has no parameter '${label}'; it has ${labels.length === 0 ? "none" : list}.`,
  );
}

function inactive(parameter: Parameter, found: Assignment, byLabel: ReadonlyMap<string, Parameter>): ArgminError {
  const branches = typeof parameter.condition === "object" ? parameter.condition : [];
  const wanted = branches.map(({ label, option }) => `'${label}' is ${optionText(byLabel.get(label)?.distribution, option)}`);
  return new ArgminError(
    "space/inactive",
    `'${parameter.label}' is ${shown(found[parameter.label])}, but it exists only where ${wanted.join(" or ")}; leave it out or change that choice.`,
  );
}

function optionText(distribution: Distribution | undefined, option: number): string {
  return distribution?.kind === "choice" ? shown(describeOptions(distribution.options)[option]) : `option ${option}`;
}
