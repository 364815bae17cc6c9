import { ArgminError } from "@argmin/base";
import type { ExitName } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";
import type { OptionValues } from "../options.ts";
import { hasUnknownFlags, parseFlags, splitArguments, wordsOf, type FlagTable, type FlagValues, type RawInput } from "./parse.ts";
import type { OptionFlag } from "./values.ts";

/** A word a command takes beside its flags. */
export interface Positional {
  readonly name: string;
  readonly help: string;
  readonly required: boolean;
  /** Any number of further words like it may follow; of the last positional only. */
  readonly repeated?: true;
}

/** Flags that are not the command's but those of the experiment it is for. */
export type BroughtFlags = Readonly<Record<string, OptionFlag>>;

/** Those that the command has no flag of its own for: where both have the same name, it is the command's. */
export function besideOwn(brought: BroughtFlags, own: FlagTable): BroughtFlags {
  return Object.fromEntries(Object.entries(brought).filter(([name]) => !Object.hasOwn(own, name)));
}

/** What a command was asked to do. */
export interface CommandInput<Table extends FlagTable> {
  /** One entry for each positional of the command, then those that repeat the last; undefined for those not given. */
  readonly words: readonly (string | undefined)[];
  readonly flags: FlagValues<Table>;
  /** What was given of the flags that its words bring with them. */
  readonly options: OptionValues;
}

/** What is written down of a command: its help and its parser come from nothing else. */
export interface CommandDefinition<Table extends FlagTable> {
  readonly name: string;
  readonly summary: string;
  /** A paragraph or two below the usage line. */
  readonly description: string;
  readonly positionals: readonly Positional[];
  readonly flags: Table;
  /** The flags that one of its words brings with it: asked for when there are flags that the command itself does not have. */
  readonly brings?: (words: readonly string[], folder: string) => Promise<Brought>;
  /** Command lines with what they do. */
  readonly examples: readonly (readonly [line: string, effect: string])[];
  /** The command itself is imported only when it runs, so that help and errors of usage come at once. */
  readonly load: () => Promise<(input: CommandInput<Table>, terminal: Terminal) => Promise<ExitName>>;
}

/** What words of a command line bring: the word, and its flags. */
export interface Brought {
  readonly by: string | undefined;
  readonly flags: BroughtFlags;
}

/** A command whose flags' types are sealed inside. */
export type Command = Omit<CommandDefinition<FlagTable>, "load"> & {
  /** @throws ArgminError `usage/invalid` for words and flags the command does not take. */
  run(args: readonly string[], terminal: Terminal): Promise<ExitName>;
};

export function defineCommand<Table extends FlagTable>(definition: CommandDefinition<Table>): Command {
  const { load, ...described } = definition;
  const { name, flags, brings } = definition;
  return {
    ...described,
    run: async (args, terminal) => {
      const needed = brings !== undefined && hasUnknownFlags(args, flags);
      const { by, flags: brought } = needed ? await brings(wordsOf(args, flags), terminal.folder) : nothing;
      const others = besideOwn(brought, flags);
      const raw = splitArguments(args, { ...others, ...flags }, by === undefined ? name : `${name} ${by}`);
      const input = {
        words: placeWords(raw.positionals, definition),
        flags: parseFlags(raw, flags),
        options: parseOptions(raw, others),
      };
      return (await load())(input, terminal);
    },
  };
}

const nothing: Brought = { by: undefined, flags: {} };

function parseOptions(raw: RawInput, brought: BroughtFlags): OptionValues {
  return Object.fromEntries(
    Object.entries(brought).flatMap(([name, flag]) =>
      raw.given.has(name) ? [[name, flag.parse(raw.given.get(name) ?? "", name)]] : [],
    ),
  );
}

/** Gives each word its place: words that may be left out get one only if all that must be there have theirs. */
function placeWords(
  words: readonly string[],
  { name, positionals }: Pick<Command, "name" | "positionals">,
): readonly (string | undefined)[] {
  const extra = words[positionals.length];
  const isRepeated = positionals.at(-1)?.repeated === true;
  if (extra !== undefined && !isRepeated) {
    throw new ArgminError(
      "usage/invalid",
      `argmin ${name} does not know what to do with '${extra}'; 'argmin ${name} --help' shows what it takes.`,
    );
  }
  let spare = words.length - positionals.filter(({ required }) => required).length;
  let next = 0;
  const placed = positionals.map(({ name: word, help, required }) => {
    if (!required && spare <= 0) return undefined;
    if (!required) spare -= 1;
    next += 1;
    const given = words[next - 1];
    if (given === undefined) throw new ArgminError("usage/invalid", `argmin ${name} needs <${word}>: ${help}.`);
    return given;
  });
  return [...placed, ...words.slice(positionals.length)];
}
