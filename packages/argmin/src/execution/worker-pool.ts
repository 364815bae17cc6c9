import { ArgminError } from "@argmin/base";
import type { CostLine, BestAssignment, Evaluation, ResumedTrial, RetrainPlan } from "../experiment.ts";
import type { JsonObject } from "@argmin/base";
import type { Assignment, Verdict } from "@argmin/search";
import type { Report } from "./messages.ts";
import { WorkerProcess, type TaskAnswer, type TaskEnd, type TaskOrder, type WorkerSettings } from "./worker-process.ts";

/** What the pool tells of each of its places, numbered from 0. */
export interface PoolEvents {
  onLoading(place: number): void;
  onBegin(place: number, trial: number): void;
  onReport(place: number, report: Report): void;
  onIdle(place: number): void;
  onLine(place: number, line: string): void;
}

export interface PoolSettings extends Omit<WorkerSettings, "onLine"> {
  /** How many processes there may be. */
  readonly size: number;
  readonly trialTimeoutMs: number | undefined;
  /** How long a process may take to load the experiment and its data. */
  readonly prepareTimeoutMs: number | undefined;
  readonly events: PoolEvents;
}

/** How a trial ended in the pool. */
export type TrialEnd =
  | { readonly kind: "done"; readonly evaluation: Evaluation }
  | { readonly kind: "pruned"; readonly value: number | undefined; readonly reason: string | undefined }
  | Exclude<TaskEnd, { kind: "done" | "disturbed" }>
  | { readonly kind: "released" };

interface TrialTask {
  readonly number: number;
  readonly seed: number;
  readonly assignment: Assignment;
  readonly onReport: (report: Report) => void;
  /** What becomes of the trial, by what it has reported so far; absent if trials are not judged. Never rejected. */
  readonly judge?: (() => Promise<Verdict>) | undefined;
  /** See `TrialContext`. */
  readonly checkpointFolder?: string | undefined;
  readonly resumed?: ResumedTrial | undefined;
}

/** How often a process that is taken away while it loads is started again before the run is given up. */
const startAttempts = 20;

/** Worker processes in a fixed number of places: started when first needed, reused, and replaced when they have ended. */
export class WorkerPool {
  readonly #settings: PoolSettings;
  readonly #workers: (WorkerProcess | undefined)[];
  readonly #free: number[];
  readonly #waiting: ((place: number) => void)[] = [];
  #lastTask = 0;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#workers = Array.from({ length: settings.size }, () => undefined);
    this.#free = this.#workers.map((_, place) => place);
  }

  /**
   * Loads the experiment in so many processes, so that one that cannot be prepared is found before any trial is begun, and no
   * trial's time is spent on loading.
   *
   * @throws ArgminError what `prepare` of the experiment threw.
   */
  async start(count: number, signal: AbortSignal): Promise<void> {
    await Promise.all(this.#workers.slice(0, count).map(async () => this.#use(signal, async () => undefined)));
  }

  /**
   * Evaluates one trial. The signal ends its process, and the trial is released.
   *
   * @throws ArgminError if no process can be made ready for it: the run as a whole cannot go on.
   */
  async evaluate({ onReport, judge, checkpointFolder, resumed, ...trial }: TrialTask, signal: AbortSignal): Promise<TrialEnd> {
    const { events, trialTimeoutMs } = this.#settings;
    const end = await this.#undisturbed(signal, (worker, place) => {
      events.onBegin(place, trial.number);
      const judged = judge !== undefined;
      const order = { kind: "evaluate", task: this.#nextTask(), ...trial, judged, checkpointFolder, resumed } as const;
      const report = (report: Report): void => {
        events.onReport(place, report);
        onReport(report);
      };
      return worker.run(order, { timeoutMs: trialTimeoutMs, onReport: report, judge });
    });
    if (end === undefined) return { kind: "released" };
    if (end.kind !== "done") return end;
    if (end.answer.kind === "pruned") return end.answer;
    if (end.answer.kind !== "evaluated") throw unexpected(end.answer);
    const { value, attributes } = end.answer;
    return { kind: "done", evaluation: { value, attributes } };
  }

  /** @throws ArgminError what `finish` of the experiment threw. */
  async finish(best: BestAssignment, seed: number, signal: AbortSignal): Promise<JsonObject | undefined> {
    const answer = await this.#perform("last step", { kind: "finish", task: this.#nextTask(), seed, best }, signal);
    if (answer === undefined) return undefined;
    if (answer.kind !== "finished") throw unexpected(answer);
    return answer.result;
  }

  /** @throws ArgminError what `estimate` of the experiment threw. */
  async estimate(trials: number, seed: number, signal: AbortSignal): Promise<readonly CostLine[] | undefined> {
    const answer = await this.#perform("estimate", { kind: "estimate", task: this.#nextTask(), seed, trials }, signal);
    if (answer === undefined) return undefined;
    if (answer.kind !== "estimated") throw unexpected(answer);
    return answer.lines;
  }

  /** @throws ArgminError what `retrain` of the experiment threw. */
  async retrain(plan: RetrainPlan, seed: number, signal: AbortSignal): Promise<JsonObject | undefined> {
    const answer = await this.#perform("training", { kind: "retrain", task: this.#nextTask(), seed, plan }, signal);
    if (answer === undefined) return undefined;
    if (answer.kind !== "retrained") throw unexpected(answer);
    return answer.result;
  }

  /** Ends by force the processes that were told to end and take their time. */
  force(): void {
    for (const worker of this.#workers) worker?.kill("stop");
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map(async (worker) => worker?.close()));
  }

  /** A task outside any trial: it fails as a whole, and is tried again only if its process was taken away. */
  async #perform(what: string, order: TaskOrder, signal: AbortSignal): Promise<TaskAnswer | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const end = await this.#undisturbed(signal, (worker, place) =>
        worker.run(order, { onReport: (report) => this.#settings.events.onReport(place, report) }),
      );
      if (end === undefined) return undefined;
      if (end.kind === "done") return end.answer;
      if (end.kind === "failed") {
        throw new ArgminError(end.error.code, `The ${what} of the experiment failed: ${end.error.message}`, { cause: end.error });
      }
      if (attempt === startAttempts) throw new ArgminError("trial/crashed", end.reason);
    }
  }

  /** As `#use`, in another process if what an earlier task left behind came in between. */
  async #undisturbed(
    signal: AbortSignal,
    work: (worker: WorkerProcess, place: number) => Promise<TaskEnd>,
  ): Promise<Exclude<TaskEnd, { kind: "disturbed" }> | undefined> {
    for (;;) {
      const end = await this.#use(signal, work);
      if (end?.kind !== "disturbed") return end;
    }
  }

  /** Lends a ready worker to `work`; undefined if the signal came first. */
  async #use<T>(signal: AbortSignal, work: (worker: WorkerProcess, place: number) => Promise<T>): Promise<T | undefined> {
    const place = this.#free.shift() ?? (await new Promise<number>((settle) => this.#waiting.push(settle)));
    const stop = (): void => this.#workers[place]?.kill("stop");
    signal.addEventListener("abort", stop);
    try {
      const worker = signal.aborted ? undefined : await this.#readyWorker(place, signal);
      if (worker === undefined) return undefined;
      const result = await work(worker, place);
      return signal.aborted && !worker.usable ? undefined : result;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#settings.events.onIdle(place);
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.unshift(place);
      else next(place);
    }
  }

  async #readyWorker(place: number, signal: AbortSignal): Promise<WorkerProcess | undefined> {
    const known = this.#workers[place];
    if (known?.usable === true) return known;
    const { events } = this.#settings;
    events.onLoading(place);
    for (let attempt = 1; ; attempt += 1) {
      const worker = new WorkerProcess({ ...this.#settings, onLine: (line) => events.onLine(place, line) });
      this.#workers[place] = worker;
      const end = await worker.prepare(this.#settings.prepareTimeoutMs);
      if (signal.aborted) return undefined;
      if (end === undefined) return worker;
      await worker.close();
      if (end.kind === "failed") throw loadingError(end.error);
      if (attempt === startAttempts) {
        const message = `A worker process was ended from outside ${attempt} times in a row while it loaded the experiment.`;
        throw new ArgminError("trial/crashed", message);
      }
      events.onLine(place, "A process was ended from outside while it loaded the experiment; another one is started.");
    }
  }

  #nextTask(): number {
    this.#lastTask += 1;
    return this.#lastTask;
  }
}

function loadingError(error: ArgminError): ArgminError {
  return error.code.startsWith("trial/") || error.code === "objective/failed"
    ? new ArgminError(error.code, `The experiment could not be prepared: ${error.message}`, { cause: error })
    : error;
}

function unexpected(answer: TaskAnswer): Error {
  return new Error(`internal: a worker answered '${answer.kind}' to something else.`);
}
