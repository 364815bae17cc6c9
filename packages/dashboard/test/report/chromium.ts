import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";

/**
 * @file A browser for tests, without a library: Chromium started headless, spoken to in the DevTools protocol through a pipe.
 */

/** What a page did since it was opened. */
export interface Page {
  /** Errors and warnings of the console, exceptions, and what the browser itself complained of. */
  readonly complaints: readonly string[];
  /** The addresses it asked for, its own the first. */
  readonly requests: readonly string[];
  /** The value of an expression in the page, waited for if it is a promise. */
  evaluate(expression: string): Promise<unknown>;
  /** Calls a method of the protocol: `send("Page.printToPDF")`. */
  send(method: string, params?: object): Promise<Answer>;
}

export interface Chromium {
  /** Opens a page and waits until it is loaded. */
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

type Answer = Readonly<Record<string, unknown>>;

const names = ["chromium", "chromium-browser", "google-chrome"];

/** The program to start: that of the variable, or the first there is. */
function findProgram(): string | undefined {
  const { ARGMIN_CHROMIUM: named } = process.env;
  return (named === undefined || named === "" ? names : [named]).find((name) => {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore", timeout: 60_000 });
      return true;
    } catch {
      return false;
    }
  });
}

const program = findProgram();

/** Why there is no browser; undefined if there is one. */
export const missing =
  program === undefined ? `there is none of ${names.join(", ")} on this machine (ARGMIN_CHROMIUM names another)` : undefined;

/** Starts the browser with a profile of its own. */
export async function openChromium(): Promise<Chromium> {
  if (program === undefined) throw new Error(`No Chromium: ${missing}`);
  const profile = mkdtempSync(join(tmpdir(), "argmin-chromium-"));
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe"];
  const child = spawn(program, [...flags, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((settle) => child.once("exit", () => settle()));
  const [, , , input, output] = child.stdio;
  if (!(input instanceof Writable && output instanceof Readable)) throw new Error("Chromium was started without its pipes.");
  const connection = connect(input, output);
  return {
    open: (url) => openPage(connection, url),
    close: async () => {
      await connection.send("Browser.close").catch(() => undefined);
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Connection {
  send(method: string, params?: object, sessionId?: string): Promise<Answer>;
  /** Calls the listener with each event of a session. */
  listen(sessionId: string, listener: (method: string, params: Answer) => void): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Answer;
  readonly result?: Answer;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

/** Messages are JSON texts that end with a zero byte. */
function connect(input: Writable, output: Readable): Connection {
  const waiting = new Map<number, { settle: (answer: Answer) => void; fail: (error: Error) => void }>();
  const listeners = new Map<string, (method: string, params: Answer) => void>();
  let last = 0;
  let rest = "";
  const receive = ({ id, method, params = {}, result = {}, error, sessionId = "" }: Message): void => {
    const asked = id === undefined ? undefined : waiting.get(id);
    if (id !== undefined) waiting.delete(id);
    if (error !== undefined) asked?.fail(new Error(error.message));
    else asked?.settle(result);
    if (method !== undefined) listeners.get(sessionId)?.(method, params);
  };
  output.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\0");
    rest = parts.pop() ?? "";
    for (const part of parts) receive(JSON.parse(part));
  });
  output.on("close", () => {
    for (const { fail } of waiting.values()) fail(new Error("Chromium has ended."));
  });
  return {
    send: (method, params = {}, sessionId) =>
      new Promise((settle, fail) => {
        last += 1;
        waiting.set(last, { settle, fail });
        input.write(`${JSON.stringify({ id: last, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
      }),
    listen: (sessionId, listener) => void listeners.set(sessionId, listener),
  };
}

async function openPage(connection: Connection, url: string): Promise<Page> {
  const { targetId } = await connection.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await connection.send("Target.attachToTarget", { targetId, flatten: true });
  const session = String(sessionId);
  const send: Page["send"] = (method, params) => connection.send(method, params, session);
  const complaints: string[] = [];
  const requests: string[] = [];
  const loaded = new Promise<void>((settle) => {
    connection.listen(session, (method, params) => {
      if (method === "Page.loadEventFired") settle();
      const complaint = complaintOf(method, params);
      if (complaint !== undefined) complaints.push(complaint);
      if (method === "Network.requestWillBeSent") requests.push(String(member(params, "request", "url")));
    });
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  await send("Page.navigate", { url });
  await loaded;
  return {
    complaints,
    requests,
    send,
    evaluate: async (expression) => {
      const answer = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true, userGesture: true });
      if (answer["exceptionDetails"] !== undefined) throw new Error(JSON.stringify(answer["exceptionDetails"]));
      return member(answer, "result", "value");
    },
  };
}

function complaintOf(method: string, params: Answer): string | undefined {
  if (method === "Runtime.exceptionThrown") return JSON.stringify(params["exceptionDetails"]);
  if (method === "Log.entryAdded") return String(member(params, "entry", "text"));
  if (method !== "Runtime.consoleAPICalled") return undefined;
  return ["error", "warning", "assert"].includes(String(params["type"])) ? JSON.stringify(params["args"]) : undefined;
}

function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (object, name) => (typeof object === "object" && object !== null ? Reflect.get(object, name) : undefined),
    value,
  );
}
