import { ArgminError, type JsonObject } from "@argmin/base";
import { existsSync } from "node:fs";
import { delimiter, extname, join } from "node:path";
import type { CommandWord, Macro, Piece } from "../sweep-file/command.ts";
import { argumentStyles } from "./arguments.ts";

/** What the macros of a command stand for. */
export interface CommandFacts {
  readonly program: string | undefined;
  readonly params: JsonObject;
  /** A file that holds the parameters as JSON. */
  readonly paramsFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Meaning = (facts: CommandFacts) => readonly string[];

const written =
  (style: keyof typeof argumentStyles): Meaning =>
  ({ params }) =>
    argumentStyles[style](params);

const meanings: { readonly [M in Macro]: Meaning } = {
  env: () => (process.platform === "win32" ? ["env"] : ["/usr/bin/env"]),
  interpreter: ({ environment }) => [pythonOf(environment)],
  program: ({ program }) => (program === undefined ? [] : [program]),
  args: written("args"),
  args_no_equals: written("args_no_equals"),
  args_no_hyphens: written("args_no_hyphens"),
  args_no_boolean_flags: written("args_no_boolean_flags"),
  args_json: written("args_json"),
  args_json_file: ({ paramsFile }) => [paramsFile],
  args_append_hydra: written("args_append_hydra"),
  args_override_hydra: written("args_override_hydra"),
};

/**
 * The words of a command with its macros filled in. A variable that is not set stands for its name, as at W&B.
 *
 * @throws ArgminError `objective/failed` if nothing is left of the command.
 */
export function commandWords(
  command: readonly CommandWord[],
  facts: CommandFacts,
): readonly [program: string, ...args: string[]] {
  const [first, ...rest] = command.flatMap((word) =>
    word.kind === "macro" ? meanings[word.macro](facts) : [word.pieces.map((piece) => textOf(piece, facts)).join("")],
  );
  if (first === undefined) throw new ArgminError("objective/failed", "The command is empty; name a program in it.");
  return [first, ...rest];
}

function textOf(piece: Piece, { environment }: CommandFacts): string {
  return piece.kind === "text" ? piece.text : (environment[piece.name] ?? piece.name);
}

/** Some systems have Python 3 under its full name alone. */
function pythonOf({ PATH: path = "" }: CommandFacts["environment"]): string {
  const isThere = (name: string): boolean =>
    path.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, name)));
  return !isThere("python") && isThere("python3") ? "python3" : "python";
}

/**
 * The command of a program that has none of its own: W&B's `${env} ${interpreter} ${program} ${args}` for Python, and by their own interpreters or by
 * themselves for others.
 */
export function usualCommand(program: string): readonly CommandWord[] {
  const extension = extname(program).toLowerCase();
  if (scripts.has(extension)) return [argument(process.execPath), macro("program"), macro("args")];
  if (extension === ".sh") return [argument("sh"), macro("program"), macro("args")];
  if (extension === ".py") return [macro("env"), macro("interpreter"), macro("program"), macro("args")];
  return [macro("program"), macro("args")];
}

const scripts: ReadonlySet<string> = new Set([".js", ".mjs", ".cjs"]);

function macro(name: Macro): CommandWord {
  return { kind: "macro", macro: name };
}

function argument(text: string): CommandWord {
  return { kind: "argument", pieces: [{ kind: "text", text }] };
}
