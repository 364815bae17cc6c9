import type { JsonValue } from "@argmin/base";
import { findDiscriminant, textMembersOfTemplate } from "./discriminant.ts";
import { contains } from "./domain.ts";
import type { Assignment, Branch, Parameter } from "./space.ts";
import type { Template } from "./template.ts";

/** Shows the active values of a space to people: label -> value. */
export type Describer = (active: Assignment) => Record<string, JsonValue>;

/** What a parameter is shown as, and the label of the parameter inside it whose value that is, if it is not its own. */
type Shown = { readonly value: JsonValue; readonly of?: Parameter };

/**
 * The describer of a space. A choice whose option is a parameter (`residual`, none or a number) is shown as that parameter's value,
 * where no other option could be meant by it; a parameter that exists for such an option alone then has no entry of its own.
 */
export function createDescriber(parameters: readonly Parameter[], byLabel: ReadonlyMap<string, Parameter>): Describer {
  const optionsOf = new Map(
    parameters.map(({ label, distribution }) => [
      label,
      distribution.kind === "choice" ? describeOptions(distribution.options) : [],
    ]),
  );

  const takes = (option: Template, value: JsonValue): boolean => {
    if (option.kind === "constant") return option.value === value;
    const parameter = option.kind === "parameter" ? byLabel.get(option.label) : undefined;
    if (parameter === undefined) return false;
    if (parameter.distribution.kind !== "choice") return typeof value === "number" && contains(parameter.domain, value);
    return optionsTaking(parameter.distribution.options, value) > 0;
  };
  /** How many options a value can mean: `encode` takes an option by the text that tells it from the others, too. */
  const optionsTaking = (options: readonly Template[], value: JsonValue): number => {
    const names = findDiscriminant(options.map(textMembersOfTemplate))?.values ?? [];
    return options.filter((option, i) => takes(option, value) || (names[i] !== undefined && names[i] === value)).length;
  };

  const show = (parameter: Parameter, active: Assignment): Shown => {
    const { label, distribution } = parameter;
    const own = active[label]!;
    if (distribution.kind !== "choice") return { value: own };
    const option = distribution.options[own]!;
    const inner = option.kind === "parameter" ? byLabel.get(option.label) : undefined;
    if (inner !== undefined && Object.hasOwn(active, inner.label)) {
      const { value } = show(inner, active);
      if (isScalar(value) && optionsTaking(distribution.options, value) === 1) return { value, of: inner };
    }
    return { value: optionsOf.get(label)![own]! };
  };

  return (active) => {
    const values: Record<string, JsonValue> = {};
    const told = new Set<string>();
    // Choices come before what they hold.
    for (const parameter of parameters) {
      const { label } = parameter;
      if (!Object.hasOwn(active, label)) continue;
      const { value, of } = show(parameter, active);
      if (of !== undefined && existsFor(of, { label, option: active[label]! })) told.add(of.label);
      if (!told.has(label)) values[label] = value;
    }
    return values;
  };
}

function existsFor({ condition }: Parameter, { label, option }: Branch): boolean {
  if (typeof condition !== "object") return false;
  return condition.every((branch) => branch.label === label && branch.option === option);
}

/** Each option as people see it: itself if it is a scalar, else `{ option: index }` and its discriminant, if there is one. */
export function describeOptions(options: readonly Template[]): readonly JsonValue[] {
  const discriminant = findDiscriminant(options.map(textMembersOfTemplate));
  return options.map((option, index) => {
    if (option.kind === "constant" && isScalar(option.value)) return option.value;
    const text = discriminant?.values[index];
    return Object.freeze(
      discriminant === undefined || text === undefined ? { option: index } : { option: index, [discriminant.key]: text },
    );
  });
}

function isScalar(value: JsonValue): boolean {
  return typeof value !== "object" || value === null;
}
