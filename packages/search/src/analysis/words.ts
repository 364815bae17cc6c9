import { describeOptions } from "../space/describe.ts";
import { latticeValue } from "../space/domain.ts";
import type { Parameter } from "../space/space.ts";

/** A value of an assignment in words: a number of three digits, or the option as it is written; `null`, which means that there is none, as "none". */
export function valueText({ distribution }: Parameter, value: number): string {
  if (distribution.kind !== "choice") return numberText(value);
  const template = distribution.options[value];
  // An option that is itself a parameter has that one's name.
  if (template?.kind === "parameter") return template.label;
  const options = describeOptions(distribution.options);
  const option = options[value] ?? null;
  if (option === null) return options.includes("none") ? "null" : "none";
  if (typeof option !== "object") return String(option);
  // What tells the option from the others says more than its index.
  const name = Object.entries(option).find(([key]) => key !== "option")?.[1];
  return typeof name === "string" ? name : `option ${value}`;
}

/** The option with an index in words; of a `randint`, which counts as a choice here, that is a number. */
export function optionText(parameter: Parameter, option: number): string {
  const { domain } = parameter;
  return valueText(parameter, domain.kind === "lattice" ? latticeValue(domain, option) : option);
}

/** A number with three significant digits, integers with all of theirs. */
export function numberText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : String(Number(value.toPrecision(3)));
}

/** "0.5 to 0.8": three digits, or more where it takes more to tell the ends apart, so that -0.886 to 0.000277 is -0.886 to 0, and 1001.2 to 1003.9 is itself. */
export function rangeText(from: number, to: number): string {
  const magnitude = (value: number): number => Math.floor(Math.log10(value));
  const unit = 10 ** Math.min(magnitude(Math.max(-from, to)) - 2, magnitude(to - from) - 1);
  // Over orders of magnitude each end has its own digits.
  const isWide = from > 0 && to / from > 10;
  const text = (value: number): string =>
    isWide || !(unit > 0) ? numberText(value) : String(Number((Math.round(value / unit) * unit).toPrecision(12)) + 0);
  return `${text(from)} to ${text(to)}`;
}
