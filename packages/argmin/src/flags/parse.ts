import { ArgminError } from "@argmin/base";
import { parseArgs } from "node:util";
import { didYouMean } from "./suggestion.ts";
import type { Flag } from "./values.ts";

/** Flags by the name they are written with. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** The values of the flags that were given. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]?: Table[Name] extends Flag<infer T> ? T : never;
};

/** Words and flags of a command line, told apart but not yet understood. */
export interface RawInput {
  readonly positionals: readonly string[];
  readonly given: ReadonlyMap<string, string | undefined>;
}

/** Whether there are flags that the table does not have. */
export function hasUnknownFlags(args: readonly string[], table: FlagTable): boolean {
  return tokensOf(args, table).some((token) => token.kind === "option" && !Object.hasOwn(table, token.name));
}

/** The words beside the flags; the value of a flag that is not in the table is taken for a word, too. */
export function wordsOf(args: readonly string[], table: FlagTable): readonly string[] {
  return tokensOf(args, table).flatMap((token) => (token.kind === "positional" ? [token.value] : []));
}

/**
 * Tells positionals from flags. Every flag may stand anywhere; `--flag value` and `--flag=value` mean the same; `--` ends the flags.
 *
 * @throws ArgminError `usage/invalid` for an unknown flag, one without its value, a switch with one, or one given twice.
 */
export function splitArguments(args: readonly string[], table: FlagTable, command: string): RawInput {
  const positionals: string[] = [];
  const given = new Map<string, string | undefined>();
  for (const token of tokensOf(args, table)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    checkFlag(token, table, command);
    if (given.has(token.name)) throw new ArgminError("usage/invalid", `--${token.name} is given twice; give it once.`);
    given.set(token.name, token.value);
  }
  return { positionals, given };
}

/** A piece of a command line; `index` and the like are left to the parser. */
type Token =
  | { readonly kind: "positional"; readonly value: string }
  | ({ readonly kind: "option" } & OptionToken)
  | { readonly kind: "option-terminator" };

function tokensOf(args: readonly string[], table: FlagTable): readonly Token[] {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(table).map(
        ([name, flag]) => [name, { type: flag.placeholder === undefined ? "boolean" : "string" }] as const,
      ),
    ),
  });
  return tokens;
}

type OptionToken = { readonly name: string; readonly rawName: string; readonly value: string | undefined };

function checkFlag({ name, rawName, value }: OptionToken, table: FlagTable, command: string): void {
  const flag = Object.hasOwn(table, name) ? table[name] : undefined;
  if (flag === undefined) {
    const hint = didYouMean(
      rawName,
      [...Object.keys(table), "help"].map((known) => `--${known}`),
    );
    throw new ArgminError(
      "usage/invalid",
      `argmin ${command} has no flag ${rawName}.${hint === "" ? ` 'argmin ${command} --help' lists its flags.` : hint}`,
    );
  }
  if (flag.placeholder === undefined && value !== undefined) {
    throw new ArgminError("usage/invalid", `--${name} is a switch and takes no value, but was given ${JSON.stringify(value)}.`);
  }
  if (flag.placeholder !== undefined && (value === undefined || value.startsWith("--"))) {
    throw new ArgminError("usage/invalid", `--${name} needs a value: --${name} ${flag.placeholder}.`);
  }
}

/** The values of the flags that were given, each understood by its own rule. */
export function parseFlags<Table extends FlagTable>(input: RawInput, table: Table): FlagValues<Table>;
// The compiler cannot follow a table's types through a loop over its names; flags of other tables are left to those.
export function parseFlags(input: RawInput, table: FlagTable): FlagValues<FlagTable> {
  const values: Record<string, unknown> = {};
  for (const [name, text] of input.given) if (Object.hasOwn(table, name)) values[name] = table[name]?.parse(text ?? "", name);
  return values;
}
