import { ArgminError, type JsonObject } from "@argmin/base";
import { Pruned, type Direction, type ObjectiveResult } from "@argmin/search";
import { writeFile } from "node:fs/promises";
import type { TrialContext } from "../experiment-steps.ts";
import type { CommandWord } from "../sweep-file/command.ts";
import { commandWords } from "./command.ts";
import { openHandover } from "./handover.ts";
import { followLines } from "./metrics-file.ts";
import { parseMetrics } from "./metrics.ts";
import { openMetricsServer, type LineAnswer } from "./metrics-server.ts";
import { startProgram, type ProgramEnd } from "./run-program.ts";

/** A program whose metrics are what is searched. */
export interface Program {
  /** Its words, macros among them. */
  readonly command: readonly CommandWord[];
  /** What `${program}` stands for. */
  readonly program: string | undefined;
  /** Which of its metrics is the value of a trial. */
  readonly metric: string;
  readonly direction: Direction;
  /** Which of the reported values is the trial's: the best, as W&B has it, or the last. */
  readonly value: "best" | "last";
}

/** The last lines that a program writes to standard error are part of the reason for which it failed. */
const keptLines = 5;

/**
 * Evaluates a trial by a program. Its metrics come as lines of JSON: on its standard output, in the file `ARGMIN_METRICS_FILE` or by POST to
 * `ARGMIN_METRICS_URL`. A pruned program is told so (`ARGMIN_PRUNED_FILE` appears, a POST is answered by it, SIGTERM comes), and ended if it is
 * still there when its grace is over. So is one that is paused, which may go on later from what it keeps in `ARGMIN_CHECKPOINT_FOLDER`.
 *
 * @throws Pruned if the trial is hopeless; ArgminError `trial/crashed` if the program cannot be started, ends by a signal or with another exit code than
 *   0, `objective/failed` if it ends without having said how good its parameters are.
 */
export async function evaluateProgram(
  program: Program,
  params: JsonObject,
  context: Omit<TrialContext<unknown>, "data" | "rng" | "options">,
): Promise<ObjectiveResult> {
  const judge = new ReportedValues(program, context);
  const server = await openMetricsServer((line) => judge.take(line));
  const { study, number, seed, dataFolder, threads, checkpointFolder, resumed } = context;
  const facts = { study, number, seed, params, dataFolder, threads, checkpointFolder, resumedFrom: resumed?.step };
  const handover = await openHandover(facts, server.url);
  const unfollow = followLines(handover.metricsFile, (line) => void judge.take(line));
  const lastWords: string[] = [];
  let told: Promise<void> = Promise.resolve();
  try {
    const environment = { ...process.env, ...handover.environment };
    const words = commandWords(program.command, { ...program, params, paramsFile: handover.paramsFile, environment });
    const running = startProgram({
      words,
      environment,
      graceMs: context.graceMs,
      onOutput: (line) => {
        if (judge.take(line) === undefined) context.log(line);
      },
      onError: (line) => {
        lastWords.push(line);
        if (lastWords.length > keptLines) lastWords.shift();
        context.log(line);
      },
    });
    judge.onHopeless = (reason) => {
      // Where the file cannot be written, the signal says it all the same.
      const written = writeFile(handover.prunedFile, `${reason}\n`).catch(() => undefined);
      told = written.then(() => running.stop());
    };
    const end = await running.ended;
    await unfollow();
    return await judge.result(end, words, lastWords);
  } finally {
    await Promise.all([unfollow(), told]);
    await Promise.all([server.close(), handover.close()]);
  }
}

/** What a program has reported, and what is said to it. */
class ReportedValues {
  readonly #program: Program;
  readonly #report: TrialContext<unknown>["report"];
  /** Called once, when the trial turns out to be hopeless. */
  onHopeless: (reason: string) => void = () => undefined;
  readonly #answers: Promise<LineAnswer>[] = [];
  #pruned: Pruned | undefined;
  /** A report that could not be taken: the study's error, not the program's. */
  #broken: { readonly error: unknown } | undefined;
  #value: number | undefined;
  #step = 0;

  constructor(program: Program, { report, resumed }: Pick<TrialContext<unknown>, "report" | "resumed">) {
    this.#program = program;
    this.#report = report;
    // What was best before a pause counts.
    if (resumed !== undefined) for (const { step, metrics } of resumed.reports) if (step <= resumed.step) this.#note(metrics);
  }

  /** Takes a line; undefined if there are no metrics in it. Steps count from 1 unless the program numbers them, upwards. */
  take(line: string): Promise<LineAnswer> | undefined {
    const found = parseMetrics(line);
    if (found === undefined) return undefined;
    this.#step = found.step !== undefined && found.step > this.#step ? found.step : this.#step + 1;
    this.#note(found.metrics);
    const answer = this.#say(this.#step, found.metrics);
    this.#answers.push(answer);
    return answer;
  }

  async #say(step: number, metrics: Readonly<Record<string, number>>): Promise<LineAnswer> {
    try {
      await this.#report(step, metrics);
    } catch (error) {
      if (!(error instanceof Pruned)) this.#broken ??= { error };
      else if (this.#pruned === undefined) {
        this.#pruned = error;
        this.onHopeless(error.message);
      }
    }
    return this.#pruned === undefined ? { pruned: false } : { pruned: true, reason: this.#pruned.message };
  }

  #note(metrics: Readonly<Record<string, number>>): void {
    const value = metrics[this.#program.metric];
    if (value !== undefined) this.#value = this.#better(value);
  }

  #better(value: number): number {
    const { value: which, direction } = this.#program;
    if (which === "last" || this.#value === undefined || Number.isNaN(this.#value)) return value;
    if (Number.isNaN(value)) return this.#value;
    return direction === "minimize" ? Math.min(value, this.#value) : Math.max(value, this.#value);
  }

  /** What the trial has come to, all verdicts being in. */
  async result(end: ProgramEnd, words: readonly string[], lastWords: readonly string[]): Promise<ObjectiveResult> {
    await Promise.all(this.#answers);
    if (this.#pruned !== undefined) throw this.#pruned;
    if (this.#broken !== undefined) throw this.#broken.error;
    const failure = failureOf(end, words);
    if (failure !== undefined) throw new ArgminError("trial/crashed", [failure, ...lastWords].join("\n"));
    if (this.#value !== undefined) return this.#value;
    throw new ArgminError(
      "objective/failed",
      `${words[0]} ended without a value for '${this.#program.metric}'; print a line such as {"${this.#program.metric}": 0.5}.`,
    );
  }
}

function failureOf(end: ProgramEnd, [program = ""]: readonly string[]): string | undefined {
  if (end.kind === "unstarted") return `${program} could not be started (${end.reason}).`;
  if (end.kind === "code") return end.code === 0 ? undefined : `${program} ended with exit code ${end.code}.`;
  return end.signal === "SIGKILL"
    ? `${program} was killed (SIGKILL), as the system does to a program for which there is no memory left.`
    : `${program} was ended by a signal (${end.signal}).`;
}
