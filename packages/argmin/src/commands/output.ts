import { isArgminError, messageOf } from "@argmin/base";
import { exitCodes, exitOf } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

/** The one document of a `--json` run. */
export function printDocument(terminal: Terminal, document: object): void {
  terminal.print(`${JSON.stringify(document, undefined, 2)}\n`);
}

/** An error as a document, or a part of one, shows it: its code, its sentence and the exit code it leads to. */
export function errorDocument(error: unknown): { readonly error: object } {
  const code = isArgminError(error) ? error.code : "internal";
  return { error: { code, message: messageOf(error), exit: exitCodes[exitOf(error)].code } };
}

/** Text for people. */
export function printText(terminal: Terminal, text: string): void {
  terminal.print(`${text}\n`);
}
