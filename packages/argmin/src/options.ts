import { ArgminError, assertNever, isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";
import type { OptionFlag } from "./flags/values.ts";
import { choiceFlag, integerFlag, numberFlag, switchFlag, textFlag } from "./flags/values.ts";
import { trainingFlags } from "./commands/flags.ts";

interface OptionFacts {
  /** One line for `--help`. */
  readonly help: string;
  /**
   * It says how much work a trial gets (epochs, a part of the data) and not what it is: `argmin retrain` then begins from the
   * default, where of other options it takes what the study has.
   */
  readonly budget?: true;
}

/** An option of an experiment: a flag of its own for `argmin run`, `estimate` and `retrain`. Without a default it may be absent. */
export type Option = OptionFacts &
  (
    | { readonly kind: "integer" | "number"; readonly min?: number; readonly max?: number; readonly default?: number }
    | { readonly kind: "choice"; readonly of: readonly string[]; readonly default?: string }
    | { readonly kind: "text"; readonly default?: string }
    /** Given or not. */
    | { readonly kind: "switch" }
  );

/** Options by the name they are written with. */
export type OptionTable = Readonly<Record<string, Option>>;

export type OptionValue = string | number | boolean;

/** Values of options as they travel and are kept: those that are absent have no entry. */
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** The type of the values of a table. */
export type OptionsOf<T extends OptionTable> = { readonly [Name in keyof T]: ValueOf<T[Name]> };

type ValueOf<O extends Option> = O extends { readonly kind: "switch" }
  ? boolean
  : O extends { readonly kind: "choice"; readonly of: readonly (infer Word)[] }
    ? Word | Absent<O>
    : O extends { readonly kind: "text" }
      ? string | Absent<O>
      : number | Absent<O>;

type Absent<O extends Option> = O extends { readonly default: OptionValue } ? never : undefined;

/** The flag by which an option is given. */
export function optionFlag(option: Option): OptionFlag {
  const help =
    option.kind !== "switch" && option.default !== undefined ? `${option.help}; ${option.default} unless given` : option.help;
  switch (option.kind) {
    case "switch":
      return switchFlag(help);
    case "text":
      return textFlag({ placeholder: "TEXT", help });
    case "choice":
      return choiceFlag(option.of, { placeholder: "NAME", help });
    case "integer":
      return integerFlag({ placeholder: "N", help, ...rangeOf(option) });
    case "number":
      return numberFlag({ placeholder: "VALUE", help, ...rangeOf(option) });
    default:
      return assertNever(option);
  }
}

function rangeOf({ min, max }: { readonly min?: number; readonly max?: number }): {
  readonly min?: number;
  readonly max?: number;
} {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

/** The flags of a table of options. */
export function optionFlags(table: OptionTable): Readonly<Record<string, OptionFlag>> {
  return Object.fromEntries(Object.entries(table).map(([name, option]) => [name, optionFlag(option)]));
}

/**
 * What is wrong with a table, as the end of a sentence; undefined if nothing is. A file need not be type-checked, and a default
 * could be one that its own flag refuses.
 */
export function complaintAboutOptions(table: OptionTable): string | undefined {
  for (const [name, option] of Object.entries(table)) {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) return `its option '${name}' must be lower case letters, digits and '-'`;
    const owner = Object.entries(trainingFlags).find(([, flags]) => Object.hasOwn(flags, name))?.[0];
    if (owner !== undefined || name === "help") {
      const command = ["argmin", ...(owner === undefined ? [] : [owner])].join(" ");
      return `its option '${name}' is a flag of '${command}' itself; choose another name, such as 'own-${name}'`;
    }
    if (option.kind === "switch" || option.default === undefined) continue;
    try {
      optionFlag(option).parse(String(option.default), name);
    } catch {
      return `the default of its option '${name}' is ${JSON.stringify(option.default)}, which the option itself does not take`;
    }
  }
  return undefined;
}

/** All values of a table in the table's own types. */
export function typedOptions<T extends OptionTable>(table: T, given: OptionValues): OptionsOf<T>;
// The compiler cannot follow a table's types through a loop over its names; values come from flags or `readOptions`, both checked.
export function typedOptions(table: OptionTable, given: OptionValues): OptionValues {
  return fillOptions(table, given);
}

/** All values of a table: those given, and the defaults of the others. */
export function fillOptions(table: OptionTable, given: OptionValues): OptionValues {
  const values = Object.entries(table).map(([name, option]) => [name, given[name] ?? defaultOf(option)] as const);
  return Object.fromEntries(values.filter((entry): entry is [string, OptionValue] => entry[1] !== undefined));
}

function defaultOf(option: Option): OptionValue | undefined {
  return option.kind === "switch" ? false : option.default;
}

/**
 * The options a study was begun with, as far as the experiment still has them.
 *
 * @throws ArgminError `study/mismatch` for a value that the experiment does not take any more.
 */
export function readOptions(table: OptionTable, kept: JsonValue | undefined, study: string): OptionValues {
  const stored: JsonObject = isJsonObject(kept) ? kept : {};
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, option]) => {
      const value = stored[name];
      return value === undefined || value === null ? [] : [[name, accepted(name, option, value, study)] as const];
    }),
  );
}

function accepted(name: string, option: Option, value: JsonValue, study: string): OptionValue {
  try {
    if (option.kind === "switch" && typeof value === "boolean") return value;
    if (option.kind !== "switch" && (typeof value === "number" || typeof value === "string"))
      return optionFlag(option).parse(String(value), name);
  } catch {
    // Told below, in the words of whoever wonders about the study.
  }
  throw new ArgminError(
    "study/mismatch",
    `The study '${study}' was started with ${optionText(name, JSON.stringify(value))}, which the experiment does not take any more.`,
  );
}

/** An option as it is written on the command line: `--epochs 2`, `--quick`. */
export function optionText(name: string, value: OptionValue | undefined): string {
  if (value === undefined || value === false) return `no --${name}`;
  return value === true ? `--${name}` : `--${name} ${value}`;
}
