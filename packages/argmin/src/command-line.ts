import { ArgminError, isArgminError, messageOf } from "@argmin/base";
import { readFileSync } from "node:fs";
import { errorDocument, printDocument } from "./commands/output.ts";
import { commands } from "./commands/table.ts";
import { exitCodes, exitOf, type ExitName } from "./exit-codes.ts";
import type { Brought, Command } from "./flags/command.ts";
import { wordsOf } from "./flags/parse.ts";
import { didYouMean } from "./flags/suggestion.ts";
import { renderCommandHelp, renderOverview } from "./render/help.ts";
import { oneLine } from "./render/text.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs one command line, the program's name not included.
 *
 * @returns the exit code. Errors have been told in one sentence on standard error and, with `--json`, as a document on standard output.
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let printed = false;
  const print = (text: string): void => {
    printed = true;
    terminal.print(text);
  };
  try {
    return exitCodes[await dispatch(args, { ...terminal, print })].code;
  } catch (error) {
    // A document that is out already, such as that of a search whose last step failed, stays the only one.
    return tellError(error, printed ? args.filter((word) => word !== "--json") : args, terminal);
  }
}

/** Tells of an error that ends the program; returns the exit code. */
export function tellError(error: unknown, args: readonly string[], terminal: Terminal): number {
  terminal.messages.write(`argmin: ${sentence(error, terminal)}\n`);
  if (args.includes("--json")) printDocument(terminal, errorDocument(error));
  return exitCodes[exitOf(error)].code;
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitName> {
  const [first, ...rest] = args;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    const [about] = rest;
    terminal.print(`${first === "help" && about !== undefined ? renderCommandHelp(find(about)) : renderOverview(commands)}\n`);
    return first === undefined ? "usage" : "ok";
  }
  if (first === "--version" || first === "-v") {
    terminal.print(`${version()}\n`);
    return "ok";
  }
  const command = find(first);
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.print(`${renderCommandHelp(command, await broughtBy(command, rest, terminal.folder))}\n`);
    return "ok";
  }
  return command.run(rest, terminal);
}

/** Help is there for whoever has made a mistake, too: an experiment that cannot be loaded brings nothing. */
async function broughtBy({ brings, flags }: Command, args: readonly string[], folder: string): Promise<Brought | undefined> {
  const words = wordsOf(args, flags).filter((word) => word !== "-h");
  return words.length === 0 ? undefined : brings?.(words, folder).catch(() => undefined);
}

function find(name: string): (typeof commands)[number] {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const names = commands.map((candidate) => candidate.name);
  if (name.startsWith("-"))
    throw new ArgminError("usage/invalid", `The first word is a command, not ${name}; 'argmin --help' lists them.`);
  const hint = didYouMean(name, names);
  throw new ArgminError(
    "usage/invalid",
    `There is no command '${name}'.${hint === "" ? ` There are: ${names.join(", ")}.` : hint}`,
  );
}

/** One clear sentence; the stack of an error that argmin did not mean to raise is for whoever sets ARGMIN_DEBUG. */
function sentence(error: unknown, terminal: Terminal): string {
  const stack = terminal.environment["ARGMIN_DEBUG"] !== undefined && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  const text = oneLine(messageOf(error));
  return `${isArgminError(error) ? text : `unexpected error: ${text} (ARGMIN_DEBUG=1 shows where)`}${stack}`;
}

function version(): string {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return manifest.version;
}
