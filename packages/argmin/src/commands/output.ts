import type { Terminal } from "../terminal.ts";

/** The one document of a `--json` run. */
export function printDocument(terminal: Terminal, document: object): void {
  terminal.print(`${JSON.stringify(document, undefined, 2)}\n`);
}

/** Text for people. */
export function printText(terminal: Terminal, text: string): void {
  terminal.print(`${text}\n`);
}
