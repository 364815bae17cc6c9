import { ArgminError } from "@argmin/base";
import type { ExitName } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";
import { parseFlags, splitArguments, type FlagTable, type FlagValues } from "./parse.ts";

/** A word a command takes beside its flags. */
export interface Positional {
  readonly name: string;
  readonly help: string;
  readonly required: boolean;
}

/** What a command was asked to do. */
export interface CommandInput<Table extends FlagTable> {
  /** One entry for each positional of the command; undefined for those not given. */
  readonly words: readonly (string | undefined)[];
  readonly flags: FlagValues<Table>;
}

/** What is written down of a command: its help and its parser come from nothing else. */
export interface CommandDefinition<Table extends FlagTable> {
  readonly name: string;
  readonly summary: string;
  /** A paragraph or two below the usage line. */
  readonly description: string;
  readonly positionals: readonly Positional[];
  readonly flags: Table;
  /** Command lines with what they do. */
  readonly examples: readonly (readonly [line: string, effect: string])[];
  /** The command itself is imported only when it runs, so that help and errors of usage come at once. */
  readonly load: () => Promise<(input: CommandInput<Table>, terminal: Terminal) => Promise<ExitName>>;
}

/** A command whose flags' types are sealed inside. */
export type Command = Omit<CommandDefinition<FlagTable>, "load"> & {
  /** @throws ArgminError `usage/invalid` for words and flags the command does not take. */
  run(args: readonly string[], terminal: Terminal): Promise<ExitName>;
};

export function defineCommand<Table extends FlagTable>(definition: CommandDefinition<Table>): Command {
  const { load, ...described } = definition;
  return {
    ...described,
    run: async (args, terminal) => {
      const raw = splitArguments(args, definition.flags, definition.name);
      const input = {
        words: placeWords(raw.positionals, definition),
        flags: parseFlags(raw, definition.flags),
      };
      return (await load())(input, terminal);
    },
  };
}

/** Gives each word its place: words that may be left out get one only if all that must be there have theirs. */
function placeWords(
  words: readonly string[],
  { name, positionals }: Pick<Command, "name" | "positionals">,
): readonly (string | undefined)[] {
  const extra = words[positionals.length];
  if (extra !== undefined) {
    throw new ArgminError(
      "usage/invalid",
      `argmin ${name} does not know what to do with '${extra}'; 'argmin ${name} --help' shows what it takes.`,
    );
  }
  let spare = words.length - positionals.filter(({ required }) => required).length;
  let next = 0;
  return positionals.map(({ name: word, help, required }) => {
    if (!required && spare <= 0) return undefined;
    if (!required) spare -= 1;
    next += 1;
    const given = words[next - 1];
    if (given === undefined) throw new ArgminError("usage/invalid", `argmin ${name} needs <${word}>: ${help}.`);
    return given;
  });
}
