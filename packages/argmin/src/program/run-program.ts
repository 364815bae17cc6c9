import { messageOf } from "@argmin/base";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import type { Readable } from "node:stream";
import { endFollowers, signalGroup } from "../execution/process-group.ts";

/** A program to be run. */
export interface ProgramCall {
  readonly words: readonly [program: string, ...args: string[]];
  /** Its whole environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long it has to end by itself once it is told to, in milliseconds. */
  readonly graceMs: number;
  readonly onOutput: (line: string) => void;
  readonly onError: (line: string) => void;
}

export type ProgramEnd =
  | { readonly kind: "code"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: NodeJS.Signals }
  | { readonly kind: "unstarted"; readonly reason: string };

export interface RunningProgram {
  /** Never rejected; what the program has written has been handed over by then, and nothing that it has started goes on. */
  readonly ended: Promise<ProgramEnd>;
  /** Tells the program, and what it has started, to end; nothing where it has ended. */
  stop(): void;
}

/** Starts a program whose output is taken line by line. It belongs to the process group of this process, which leads it. */
export function startProgram({ words: [file, ...args], environment, graceMs, onOutput, onError }: ProgramCall): RunningProgram {
  const child = spawn(file, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const written = Promise.all([eachLine(child.stdout, onOutput), eachLine(child.stderr, onError)]);
  const exit = new Promise<ProgramEnd>((settle) => {
    child.once("error", (error) => settle({ kind: "unstarted", reason: messageOf(error) }));
    child.once("exit", (code, signal) =>
      settle(signal === null ? { kind: "code", code: code ?? 0 } : { kind: "signal", signal }),
    );
  });
  // This process is told with the others and stays until they are gone.
  const stay = (): void => undefined;
  process.on("SIGTERM", stay);
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  const ended = exit.then(async (end) => {
    clearTimeout(timer);
    await endFollowers(process.pid);
    // A process that left the group may hold the pipes open; it is not waited for.
    await Promise.race([written, wait(lastWordsMs, undefined, { ref: false })]);
    // From here on the signal would end this process: a verdict may come later than the end of what it is about.
    hasEnded = true;
    process.off("SIGTERM", stay);
    return end;
  });
  return {
    ended,
    stop: () => {
      if (hasEnded) return;
      signalGroup(process.pid, "SIGTERM");
      timer ??= setTimeout(() => child.kill("SIGKILL"), graceMs);
    },
  };
}

/** How long what a program wrote last may be on its way. */
const lastWordsMs = 1000;

async function eachLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on("line", onLine);
  await new Promise<void>((settle) => lines.once("close", settle));
}
