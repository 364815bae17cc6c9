import { fork, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { runCommandLine } from "../src/command-line.ts";
import type { Terminal } from "../src/terminal.ts";

const executable = fileURLToPath(new URL("../bin/argmin.js", import.meta.url));

/** How a command ended and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits for a line of standard error. */
  readonly said: (pattern: RegExp) => Promise<void>;
  /** What it has said on standard error so far. */
  readonly text: () => string;
}

/** Starts the real command as a process of its own. */
export function start(args: readonly string[], folder: string, environment: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [executable, ...args], {
    cwd: folder,
    env: { ...process.env, ...environment, ARGMIN_DATA: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const look of waiting) look();
  });
  const ended = new Promise<Ended>((settle) => child.once("close", (code) => settle({ code, stdout, stderr })));
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((settle, fail) => {
      const look = (): void => {
        if (!pattern.test(stderr)) return;
        waiting.delete(look);
        settle();
      };
      waiting.add(look);
      look();
      void ended.then(() => fail(new Error(`ended without saying ${pattern}: ${stderr}`)));
    });
  return { child, ended, said, text: () => stderr };
}

/** Runs the real command, a process of its own, to its end. */
export function argminProcess(
  args: readonly string[],
  folder: string,
  environment?: Readonly<Record<string, string>>,
): Promise<Ended> {
  return start(args, folder, environment).ended;
}

/** A command line for the server of command lines. */
export interface Asked {
  readonly args: readonly string[];
  readonly folder: string;
}

let server: ChildProcess | undefined;
let lastAnswer: Promise<unknown> = Promise.resolve();

afterAll(() => {
  server?.disconnect();
});

/** Runs the command's code, with worker processes and all, in a process that is kept for the tests of a file. */
export function argmin(args: readonly string[], folder: string): Promise<Ended> {
  const answer = lastAnswer.then(() => ask({ args, folder }));
  lastAnswer = answer.catch(() => undefined);
  return answer;
}

function ask(asked: Asked): Promise<Ended> {
  const serving = (server ??= fork(fileURLToPath(new URL("command-server.ts", import.meta.url)), {
    execArgv: [`--import=${import.meta.resolve("tsx")}`],
  }));
  return new Promise((settle, fail) => {
    const onAnswer = (ended: Ended): void => {
      serving.off("exit", onExit);
      settle(ended);
    };
    const onExit = (code: number | null): void => fail(new Error(`The server of commands ended with ${code}.`));
    serving.once("message", onAnswer).once("exit", onExit);
    serving.send(asked);
  });
}

/** Runs a command in this process, where neither files of experiments nor workers are needed: much faster. */
export async function argminHere(args: readonly string[], folder: string, answer?: string): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  const terminal: Terminal = {
    folder,
    environment: {},
    nodeFlags: [],
    print: (text) => {
      stdout += text;
    },
    messages: {
      write: (text) => {
        stderr += text;
      },
      live: false,
      coloured: false,
      columns: () => 100,
    },
    ask: async () => answer,
    onStop: () => () => undefined,
  };
  return { code: await runCommandLine(args, terminal), stdout, stderr };
}

/** A folder of its own for a test. */
export async function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "argmin-test-"));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
