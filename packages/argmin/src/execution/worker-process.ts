import { ArgminError, isArgminError } from "@argmin/base";
import { trainingEnvironment } from "@argmin/nn";
import type { Verdict } from "@argmin/search";
import { fork, type ChildProcess } from "node:child_process";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Device, OptionValues } from "../experiment.ts";
import type { ExperimentReference } from "../loading/reference.ts";
import { formatBytes, formatDuration } from "../render/format.ts";
import { fromFailure, parseAnswer, type Answer, type Order, type Report } from "./messages.ts";
import { groupBytes, signalGroup } from "./process-group.ts";

/** How a worker process is made. */
export interface WorkerSettings {
  readonly reference: ExperimentReference;
  /** The study's name. */
  readonly study: string;
  readonly dataFolder: string | undefined;
  readonly device: Device;
  readonly threads: number;
  /** The experiment's own options. */
  readonly options: OptionValues;
  /** No limit if absent, but the one V8 chooses for its heap. */
  readonly memoryLimit: number | undefined;
  /** Where the process works. */
  readonly folder: string;
  /** Node's flags for the process: those this process was started with. */
  readonly nodeFlags: readonly string[];
  /** How long a program that the experiment runs has to end by itself once it is told to, in milliseconds. */
  readonly graceMs: number;
  /** Called with each line the experiment logs or prints. */
  readonly onLine: (line: string) => void;
}

/** A message that ends a task. */
export type TaskAnswer = Extract<Answer, { kind: "evaluated" | "pruned" | "finished" | "estimated" | "retrained" }>;
export type TaskOrder = Exclude<Order, { kind: "prepare" | "verdict" }>;

/**
 * How a task ended: with its result; failed through its own doing; or lost, when the process was taken away from outside
 * and the task deserves another try.
 */
export type TaskEnd =
  | { readonly kind: "done"; readonly answer: TaskAnswer }
  | { readonly kind: "failed"; readonly error: ArgminError }
  | { readonly kind: "lost"; readonly reason: string }
  /** It was in the way when something of an earlier task failed: to be done again, in another process, as if never begun. */
  | { readonly kind: "disturbed" };

/** What the process says: an answer, or something that is none. */
type Heard = Answer | { readonly kind: "unreadable"; readonly error: ArgminError };

interface TaskOptions {
  /** Wall-clock limit in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly onReport?: (report: Report) => void;
  /** What becomes of the trial after this report; asked for each report of a task that is judged. */
  readonly judge?: (() => Promise<Verdict>) | undefined;
}

const entry = fileURLToPath(new URL(`./worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url));
const memoryPollMs = 200;
const keptLines = 20;

/** One child process with the experiment loaded. It does one task at a time and is not used again once it has ended. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #settings: WorkerSettings;
  /** The last lines of standard error: V8 says there why it gave up. */
  readonly #lastWords: string[] = [];
  readonly #ended: Promise<TaskEnd>;
  #killedFor: KillReason | undefined;
  #leaving = false;
  #hasEnded = false;
  #onAnswer: (heard: Heard) => void = () => undefined;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    const heapFlag =
      settings.memoryLimit === undefined ? [] : [`--max-old-space-size=${Math.ceil(settings.memoryLimit / 2 ** 20)}`];
    this.#child = fork(entry, [String(process.pid)], {
      execArgv: [...settings.nodeFlags, ...heapFlag],
      serialization: "advanced",
      cwd: settings.folder,
      env: trainingEnvironment(process.env),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // The leader of a group, so that what it starts ends with it.
      detached: true,
    });
    this.#ended = this.#watch();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether the process can be given a task. */
  get usable(): boolean {
    return !this.#hasEnded && !this.#leaving && this.#killedFor === undefined && this.#child.connected;
  }

  /** Loads the experiment and its data. `failed`: the experiment cannot be prepared at all. */
  async prepare(timeoutMs?: number): Promise<TaskEnd | undefined> {
    const { reference, dataFolder, device, threads, options, study, graceMs } = this.#settings;
    const answered = new Promise<TaskEnd | undefined>((settle) => {
      this.#onAnswer = (answer) => {
        if (answer.kind === "ready") settle(undefined);
        if (answer.kind === "broken") settle({ kind: "failed", error: fromFailure(answer.failure) });
        if (answer.kind === "unreadable") settle({ kind: "failed", error: answer.error });
      };
    });
    const disarm = timeoutMs === undefined ? undefined : after(timeoutMs, () => this.kill({ loadingLimitMs: timeoutMs }));
    this.#send({ kind: "prepare", reference, dataFolder, device, threads, options, study, graceMs });
    try {
      return await Promise.race([answered, this.#ended]);
    } finally {
      disarm?.();
    }
  }

  async run(order: TaskOrder, { timeoutMs, onReport, judge }: TaskOptions = {}): Promise<TaskEnd> {
    const answered = new Promise<TaskEnd>((settle) => {
      this.#onAnswer = (answer) => {
        if (answer.kind === "unreadable") settle({ kind: "failed", error: answer.error });
        if (answer.kind === "late") settle({ kind: "disturbed" });
        if (!("task" in answer) || answer.task !== order.task) return;
        // Told to end, it has nothing more to do.
        if (this.#killedFor !== undefined && answer.kind !== "report") return this.#signal("SIGKILL");
        if (answer.kind === "report") {
          onReport?.(answer);
          const { task, report } = answer;
          void judge?.().then((verdict) => {
            const reason = verdict.kind === "continue" ? undefined : verdict.reason;
            this.#send({ kind: "verdict", task, report, verdict: verdict.kind, reason });
          });
        } else if (answer.kind === "failed") {
          this.#leaving ||= answer.last;
          settle({ kind: "failed", error: fromFailure(answer.failure) });
        } else settle({ kind: "done", answer });
      };
    });
    const disarm = timeoutMs === undefined ? undefined : after(timeoutMs, () => this.kill({ timeLimitMs: timeoutMs }));
    this.#send(order);
    try {
      return await Promise.race([answered, this.#ended]);
    } finally {
      disarm?.();
      this.#onAnswer = () => undefined;
    }
  }

  /**
   * Ends the process and what it has started: by a signal that a program may take its time to obey, and by force when that is over. A process that holds
   * too much memory, or that is told a second time, gets none.
   */
  kill(reason: KillReason): void {
    const isSecond = this.#killedFor !== undefined;
    this.#killedFor ??= reason;
    if (isSecond || reason === "memory") return this.#signal("SIGKILL");
    this.#signal("SIGTERM");
    const disarm = after(this.#settings.graceMs, () => this.#signal("SIGKILL"));
    void this.#ended.then(disarm);
  }

  /** To the process and all that it has started. */
  #signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded && this.#child.pid !== undefined) signalGroup(this.#child.pid, signal);
  }

  /** Ends the process and waits until it has: politely, and after a moment at once. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const patience = new AbortController();
    await Promise.race([this.#ended, wait(1000, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    if (!this.#hasEnded) this.kill("stop");
    await this.#ended;
  }

  #send(order: Order): void {
    // A process that is gone is noticed by its end, which comes with a reason.
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }

  async #watch(): Promise<TaskEnd> {
    const child = this.#child;
    const gone = new Promise<void>((settle) => child.once("close", () => settle()));
    const exit = new Promise<Exit>((settle) => {
      child.once("error", (error) => settle({ kind: "unstarted", message: error.message }));
      child.once("exit", (code, signal) =>
        settle(signal === null ? { kind: "code", code: code ?? 0 } : { kind: "signal", signal }),
      );
    });
    child.on("message", (message) => this.#receive(message));
    this.#listen();
    const poll = this.#settings.memoryLimit === undefined ? undefined : setInterval(() => void this.#checkMemory(), memoryPollMs);
    poll?.unref();
    const how = await exit;
    clearInterval(poll);
    // What it has started may have outlived it.
    this.#signal("SIGKILL");
    this.#hasEnded = true;
    // What the process said last may still be on its way; a grandchild that holds its pipes open is not waited for.
    if (how.kind !== "unstarted") await Promise.race([gone, wait(300)]);
    return this.#judge(how);
  }

  #receive(message: unknown): void {
    const heard = hear(message);
    if (heard.kind === "log") return this.#settings.onLine(heard.text);
    if (heard.kind === "late") {
      this.#leaving = true;
      this.#settings.onLine(`Something that an earlier trial had started failed after its end: ${heard.failure.message}`);
    }
    this.#onAnswer(heard);
    // Who knows what else it does: another process takes its place.
    if (heard.kind === "unreadable") this.kill("stop");
  }

  #listen(): void {
    const { stdout, stderr } = this.#child;
    if (stdout !== null) createInterface({ input: stdout }).on("line", this.#settings.onLine);
    if (stderr === null) return;
    createInterface({ input: stderr }).on("line", (line) => {
      this.#lastWords.push(line);
      if (this.#lastWords.length > keptLines) this.#lastWords.shift();
      if (!isCrashReport(line)) this.#settings.onLine(line);
    });
  }

  async #checkMemory(): Promise<void> {
    const { memoryLimit } = this.#settings;
    if (memoryLimit === undefined || this.#child.pid === undefined) return;
    const used = await groupBytes(this.#child.pid);
    if (used !== undefined && used > memoryLimit && !this.#hasEnded) this.kill("memory");
  }

  #judge(exit: Exit): TaskEnd {
    const { memoryLimit } = this.#settings;
    const heapExhausted = this.#lastWords.some((line) => /heap out of memory|Allocation failed/.test(line));
    if (this.#killedFor === "memory" || (this.#killedFor === undefined && heapExhausted)) {
      const limit = memoryLimit === undefined ? "the memory Node allows it" : `the memory limit of ${formatBytes(memoryLimit)}`;
      return failed(
        "trial/out-of-memory",
        `The process needed more than ${limit}; give it more with --memory-limit or search smaller values.`,
      );
    }
    if (this.#killedFor === "stop") return { kind: "lost", reason: "It was stopped." };
    if (this.#killedFor !== undefined && "loadingLimitMs" in this.#killedFor) {
      const limit = formatDuration(this.#killedFor.loadingLimitMs);
      return failed("trial/timed-out", `It was still loading after ${limit} (--timeout), and was ended.`);
    }
    if (this.#killedFor !== undefined) {
      const limit = formatDuration(this.#killedFor.timeLimitMs);
      return failed(
        "trial/timed-out",
        `The trial was still running after ${limit}, its time limit (--trial-timeout), and was ended.`,
      );
    }
    if (exit.kind === "unstarted") return failed("trial/crashed", `A worker process could not be started: ${exit.message}.`);
    if (exit.kind === "code")
      return failed("trial/crashed", `The process ended with exit code ${exit.code} before the trial had a result.`);
    return taken.has(exit.signal)
      ? { kind: "lost", reason: `Its process was ended from outside (${exit.signal}).` }
      : failed("trial/crashed", `The process crashed (${exit.signal}) before the trial had a result.`);
  }
}

function hear(message: unknown): Heard {
  try {
    return parseAnswer(message);
  } catch (error) {
    if (isArgminError(error)) return { kind: "unreadable", error };
    throw error;
  }
}

/** The longest wait that a timer takes; one that is longer it ends at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Calls `work` after that time, however long it is, unless the returned function is called before. */
export function after(milliseconds: number, work: () => void): () => void {
  const until = performance.now() + milliseconds;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const left = until - performance.now();
    timer = left > longestTimerMs ? setTimeout(arm, longestTimerMs) : setTimeout(work, left);
  };
  arm();
  return () => clearTimeout(timer);
}

/** Why this process ended a worker. */
type KillReason = "memory" | "stop" | { readonly timeLimitMs: number } | { readonly loadingLimitMs: number };

type Exit =
  | { readonly kind: "code"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: NodeJS.Signals }
  | { readonly kind: "unstarted"; readonly message: string };

/** Signals that somebody sends; all others come from what the process did itself. */
const taken: ReadonlySet<string> = new Set(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"]);

function failed(code: "trial/out-of-memory" | "trial/timed-out" | "trial/crashed", message: string): TaskEnd {
  return { kind: "failed", error: new ArgminError(code, message) };
}

/** V8's last report is dozens of lines of addresses; the trial's error says the same in a sentence. */
function isCrashReport(line: string): boolean {
  return /^(?:<--- |FATAL ERROR: |----- Native stack trace|\[\d+:0x| ?\d+: 0x)/.test(line) || line.trim() === "";
}
