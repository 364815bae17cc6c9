import { ArgminError } from "@argmin/base";
import { describeOptions } from "./describe.ts";
import { latticeValue, nearest } from "./domain.ts";
import type { Parameter } from "./space.ts";

/** A value as a message shows it, cut where it gets long. */
export function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What a parameter takes, for the second half of a message: "a number from 0 to 1". */
export function wantedOf({ distribution, domain }: Parameter): string {
  if (distribution.kind === "choice") {
    const options = describeOptions(distribution.options);
    const texts = options.slice(0, 8).map(shown);
    return `one of ${texts.join(", ")}${options.length > 8 ? ` and ${options.length - 8} more` : ""}`;
  }
  if (domain.kind === "interval") return `a number from ${domain.low} to ${domain.high}`;
  if (domain.kind === "gaussian") {
    if (domain.step !== null) return `a multiple of ${domain.step}${domain.log ? ", at least 0" : ""}`;
    return domain.log ? "a number above 0" : "a number";
  }
  if (domain.kind !== "lattice" || domain.count === 1) return String(nearest(domain, 0));
  if (domain.step === 1 && Number.isInteger(domain.first)) return `an integer from ${domain.first} to ${domain.last}`;
  return `${domain.first}, ${latticeValue(domain, 1)} and so on to ${domain.last} in steps of ${domain.step}`;
}

/** "There is no number for an active parameter." */
export function missingValue(parameter: Parameter, found: unknown): ArgminError {
  const state = found === undefined ? "is missing" : `is ${shown(found)}`;
  return new ArgminError("space/invalid", `'${parameter.label}' ${state}; wanted ${wantedOf(parameter)}.`);
}

/** "The number of a choice is the index of no option." */
export function unknownOption(parameter: Parameter, index: number): ArgminError {
  const last = parameter.domain.kind === "categories" ? parameter.domain.count - 1 : 0;
  return new ArgminError(
    "space/invalid",
    `'${parameter.label}' has no option number ${shown(index)}; they count from 0 to ${last}.`,
  );
}

/** "The value is no option of the choice." */
export function unlikeAnyOption(parameter: Parameter, value: unknown): ArgminError {
  return new ArgminError("space/invalid", `'${parameter.label}' is ${shown(value)}; wanted ${wantedOf(parameter)}.`);
}

/** "The number is out of bounds or off the step." */
export function outOfDomain(parameter: Parameter, value: number): ArgminError {
  const { domain } = parameter;
  const hint =
    domain.kind === "lattice" && value > domain.first && value < domain.last ? `; ${nearest(domain, value)} is nearest` : "";
  return new ArgminError("space/bounds", `'${parameter.label}' is ${shown(value)}; wanted ${wantedOf(parameter)}${hint}.`);
}
