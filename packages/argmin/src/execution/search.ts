import { ArgminError, Rng } from "@argmin/base";
import {
  goOn,
  isFinal,
  isFinished,
  type FinishedTrial,
  runTrials,
  type LiveTrial,
  type RunSummary,
  type StopRules,
  type Study,
  type TrialOutcome,
  type Verdict,
} from "@argmin/search";
import type { ExitName } from "../exit-codes.ts";
import type { Experiment, OptionValues } from "../experiment.ts";
import { openDisplay, type Display } from "../render/display.ts";
import { trialLine } from "../render/trial-line.ts";
import type { FinishRecord } from "../results/document.ts";
import { finishAttribute, readFinish } from "../results/attributes.ts";
import { ResultsFolder } from "../results/folder.ts";
import { TrialLogs } from "../results/trial-logs.ts";
import { trialFile, type TrialFile } from "../results/trial-file.ts";
import { MirrorSchedule } from "../results/mirror.ts";
import type { Terminal } from "../terminal.ts";
import { Checkpoints } from "./checkpoints.ts";
import { costsOf, type CostLimits } from "./cost-limits.ts";
import { lastStep } from "./last-step.ts";
import { NetworkPictures } from "./network-pictures.ts";
import { SearchProgress } from "./search-progress.ts";
import { StopRequests } from "./stop-requests.ts";
import { outcomeOf, trialReporter } from "./trial-outcome.ts";
import { WorkerPool, type PoolSettings } from "./worker-pool.ts";

export interface SearchSettings {
  readonly experiment: Experiment;
  /** The experiment's own options. */
  readonly options: OptionValues;
  readonly study: Study<unknown>;
  readonly stop: StopRules;
  /** What a candidate may cost. */
  readonly limits: CostLimits;
  readonly failFast: boolean;
  /** Who else has a say in how the run goes on. */
  readonly supervisor?: Supervisor;
  /** Where the study's results are mirrored. */
  readonly folder: string;
  readonly pool: Omit<PoolSettings, "events">;
  readonly terminal: Terminal;
}

/** Admits trials to a run, sees them end, and may end the run itself. */
export interface Supervisor {
  /** Whether another trial may begin now; asked before each. */
  admit(): boolean;
  began(): void;
  ended(trial: FinishedTrial): void;
  /** Aborts when nothing new should begin. */
  readonly finish: AbortSignal;
  /** Aborts when everything should end at once. */
  readonly abort: AbortSignal;
}

export interface SearchOutcome {
  readonly summary: RunSummary;
  /** What was made of the best trial, now or in an earlier run. */
  readonly finish: FinishRecord | undefined;
  /** Why the last step has no result, if it failed. */
  readonly failure: { readonly error: unknown } | undefined;
  /** How the process should end because somebody stopped the search. */
  readonly stopped: Extract<ExitName, "interrupted" | "terminated"> | undefined;
}

/** One run of a study: worker processes, the loop over its trials, the display, the results folder and the last step. */
export class Search {
  readonly #settings: SearchSettings;
  readonly #progress: SearchProgress;
  readonly #display: Display;
  readonly #pool: WorkerPool;
  readonly #mirror: MirrorSchedule;
  readonly #folder: ResultsFolder;
  readonly #stop: StopRequests;
  readonly #pictures: NetworkPictures;
  readonly #logs: TrialLogs;
  readonly #checkpoints: Checkpoints;
  /** An error that is no trial's fault: it ends the run. */
  #broken: { readonly error: unknown } | undefined;
  readonly #abort = new AbortController();
  #rejectedInARow = 0;

  constructor(settings: SearchSettings) {
    const { study, experiment, stop, pool, terminal, folder } = settings;
    this.#settings = settings;
    this.#progress = new SearchProgress({
      study,
      metric: experiment.metric,
      total: stop.trials,
      budget: stop.budget,
      workers: pool.size,
    });
    this.#display = openDisplay(terminal.messages, this.#progress.state);
    this.#folder = new ResultsFolder(folder, (number) => this.#document(number), experiment.range);
    this.#logs = new TrialLogs(folder);
    this.#checkpoints = new Checkpoints(folder);
    this.#pictures = new NetworkPictures({
      experiment,
      options: settings.options,
      study: study.name,
      folder,
      onFailure: (sentence) => this.#display.line(sentence),
    });
    this.#mirror = new MirrorSchedule(() => this.#mirrorStudy("trusted"));
    this.#pool = new WorkerPool({
      ...pool,
      events: {
        onLoading: (place) => this.#set(place, { kind: "loading" }),
        onBegin: (place, number) => {
          this.#logs.begin(place, number);
          this.#set(place, { kind: "trial", number, since: Date.now() });
        },
        onReport: (place, { step, of, phase, metrics }) => {
          this.#progress.step(place, { step, of, phase, metrics });
          this.#draw();
        },
        onIdle: (place) => {
          this.#logs.end(place);
          this.#set(place, { kind: "idle" });
        },
        onLine: (place, line) => {
          this.#logs.line(place, line);
          this.#display.line(pool.size === 1 ? line : `worker ${place + 1}: ${line}`);
        },
      },
    });
    this.#stop = new StopRequests(
      terminal,
      () => {
        this.#progress.stop();
        this.#draw();
        if (!terminal.messages.live) this.#display.line("Stopping: what runs is finished; Ctrl-C again stops at once.");
        return this.#progress.running > 0;
      },
      () => this.#pool.force(),
    );
    for (const signal of [this.#stop.abort, settings.supervisor?.abort])
      signal?.addEventListener("abort", () => this.#abort.abort());
  }

  /**
   * Runs trials until a rule says stop, then the experiment's last step on the best of them.
   *
   * @returns also what the experiment throws in `finish`: the trials are there all the same.
   * @throws ArgminError what the experiment throws in `prepare`, `objective/failed` with `failFast`, `storage/*` and `file/*`.
   */
  async run(): Promise<SearchOutcome> {
    const { study } = this.#settings;
    try {
      await study.refresh();
      await this.#countSteps();
      await this.#mirrorStudy("compared");
      this.#pictures.begin();
      await this.#showBest();
      const summary = await this.#search();
      try {
        const finish = await this.#finish();
        return { summary, finish, failure: undefined, stopped: this.#stop.exit };
      } catch (error) {
        return { summary, finish: undefined, failure: { error }, stopped: this.#stop.exit };
      }
    } finally {
      await this.#pictures.close();
      this.#stop.close();
      this.#display.close();
      await this.#pool.close();
      this.#logs.close();
    }
  }

  /** After a run that failed: takes back what it drew of a study that is not kept. */
  async forget(): Promise<void> {
    await this.#pictures.discard();
  }

  /** @throws ArgminError `study/missing`: another process has deleted the study, and its folder is not to come back. */
  async #mirrorStudy(contents: "trusted" | "compared"): Promise<void> {
    const { study } = this.#settings;
    if ((await study.storage.findStudy(study.name))?.id !== study.definition.id)
      throw new ArgminError("study/missing", `The study '${study.name}' was deleted while this search was at it.`);
    await this.#folder.mirror(this.#progress.trials, study.direction, contents);
  }

  async #search(): Promise<RunSummary> {
    try {
      const summary = await this.#runTrials();
      if (this.#broken !== undefined) throw this.#broken.error;
      await this.#settings.study.refresh();
      await this.#mirror.close();
      await this.#checkpoints.tidy(() => this.#openTrials());
      return summary;
    } catch (error) {
      // The folder gets what there is; that it may not take it either is not what to tell.
      await this.#mirror.close().catch(() => undefined);
      throw error;
    }
  }

  /** The trials that have not ended for good. */
  async #openTrials(): Promise<ReadonlySet<number>> {
    const { study } = this.#settings;
    const trials = await study.storage.trials(study.definition.id, ["waiting", "running", "paused"]);
    return new Set(trials.map(({ number }) => number));
  }

  async #runTrials(): Promise<RunSummary> {
    const { study, stop, failFast, pool, supervisor } = this.#settings;
    // A study that is complete is shown again without loading anything.
    const remaining = await remainingTrials(study, stop);
    if (remaining > 0) await this.#pool.start(remaining, this.#abort.signal);
    this.#progress.begin();
    return runTrials<LiveTrial<unknown>>({
      study,
      evaluate: (trial) => this.#evaluate(trial, trial.signal),
      concurrency: pool.size,
      stop,
      failFast,
      signal: supervisor === undefined ? this.#stop.finish : AbortSignal.any([this.#stop.finish, supervisor.finish]),
      abortSignal: this.#abort.signal,
      ...(supervisor === undefined ? {} : { admit: () => supervisor.admit() }),
      callbacks: {
        // A trial that goes on was begun before.
        onTrialStart: (trial) => (trial.resumedFrom === undefined ? supervisor?.began() : undefined),
        onTrialEnd: async (trial) => {
          if (isFinished(trial)) await this.#ended(trial);
        },
        onWait: () => this.#draw(),
      },
    });
  }

  async #evaluate(trial: LiveTrial<unknown>, signal: AbortSignal): Promise<TrialOutcome> {
    const { study } = this.#settings;
    const task = {
      number: trial.number,
      seed: numericSeed(study),
      assignment: trial.assignment,
      onReport: trialReporter(trial),
      judge: study.definition.pruner.name === "none" ? undefined : () => this.#judge(trial),
    };
    const step = trial.resumedFrom;
    const { experiment, options, limits } = this.#settings;
    const costs = costsOf(experiment, options, trial.assignment, limits);
    this.#rejectedInARow = costs.rejected?.state === "pruned" ? this.#rejectedInARow + 1 : 0;
    if (this.#rejectedInARow >= hopelessRejections) this.#break(tooTight(costs.rejected));
    if (costs.rejected !== undefined) return costs.rejected;
    // At once: a trial that loses its process has its cost all the same.
    if (costs.attributes !== undefined) trial.setAttribute("cost", costs.attributes);
    try {
      const checkpointFolder = study.promotes
        ? await this.#checkpoints.open(trial.number, { goesOn: step !== undefined })
        : undefined;
      const resumed = step === undefined ? undefined : { step, reports: await study.reports(trial.number) };
      const end = await this.#pool.evaluate({ ...task, checkpointFolder, resumed }, signal);
      if (end.kind === "lost") this.#display.line(`Trial ${trial.number} lost its process. ${end.reason}`);
      return outcomeOf(end);
    } catch (error) {
      this.#break(error);
      return { state: "released" };
    }
  }

  /** Ends the run with this error. */
  #break(error: unknown): void {
    this.#broken ??= { error };
    this.#abort.abort();
  }

  /** What becomes of the trial, by what it has reported so far. */
  async #judge(trial: LiveTrial<unknown>): Promise<Verdict> {
    try {
      await trial.shouldPrune();
      await this.#countSteps();
      return trial.verdict;
    } catch (error) {
      this.#break(error);
      return goOn;
    }
  }

  /** Shows how much of the budget is spent, if there is one. */
  async #countSteps(): Promise<void> {
    const { study, stop } = this.#settings;
    if (stop.budget === undefined) return;
    this.#progress.spent = await study.countSteps();
    this.#draw();
  }

  async #ended(trial: FinishedTrial): Promise<void> {
    const { study, terminal, experiment, supervisor } = this.#settings;
    supervisor?.ended(trial);
    await study.refresh();
    await this.#countSteps();
    if (isFinal(trial.state)) {
      this.#progress.trialEnded();
      await this.#checkpoints.remove(trial.number);
    }
    this.#mirror.request();
    await this.#showBest();
    this.#draw();
    if (trial.state === "failed" || !terminal.messages.live) this.#display.line(trialLine(trial, experiment.metric));
  }

  /** Draws the network of the best trial, if it is another than before. */
  async #showBest(): Promise<void> {
    const { study, experiment } = this.#settings;
    const { best } = this.#progress.state;
    if (best === undefined || !experiment.has.network) return;
    const trial = await study.storage.trial(study.definition.id, best.number);
    if (trial !== undefined) this.#pictures.show({ ...best, assignment: trial.assignment });
  }

  /** The experiment's last step, once for each best trial there is at the end of a run. */
  async #finish(): Promise<FinishRecord | undefined> {
    const { study, experiment } = this.#settings;
    if (!experiment.has.finish || this.#stop.exit !== undefined) return readFinish((await study.attributes())[finishAttribute]);
    return lastStep({
      study,
      signal: this.#stop.finish,
      onWait: () => this.#display.line("Another process is at the last step; its result is waited for."),
      work: ({ number, value, assignment, attributes }) => {
        this.#set(0, { kind: "finishing", since: Date.now() });
        return this.#pool.finish({ number, value, assignment, attributes }, numericSeed(study), this.#abort.signal);
      },
    });
  }

  async #document(number: number): Promise<TrialFile | undefined> {
    const { study, experiment, options } = this.#settings;
    const trial = await study.storage.trial(study.definition.id, number);
    if (trial === undefined || !isFinished(trial)) return undefined;
    return trialFile({ experiment, options, study: study.name, trial, reports: await study.reports(number) });
  }

  #set(place: number, view: Parameters<SearchProgress["set"]>[1]): void {
    this.#progress.set(place, view);
    this.#draw();
  }

  #draw(): void {
    this.#display.update(this.#progress.state);
  }
}

/** So many candidates in a row that cost too much: the limits leave next to nothing of the space, and an endless search would never train. */
const hopelessRejections = 200;

function tooTight(rejected: TrialOutcome | undefined): ArgminError {
  const last = rejected?.state === "pruned" ? ` (the last: ${rejected.reason ?? "without a reason"})` : "";
  return new ArgminError(
    "usage/invalid",
    `${hopelessRejections} candidates in a row cost more than the limits allow${last}; raise the limits or search smaller values.`,
  );
}

/** The study's seed as experiments get it: a study that a program made may have a text for one. */
function numericSeed({ seed }: Study<unknown>): number {
  return typeof seed === "number" ? seed : Rng.fromSeed(seed).uint32();
}

/** How many trials are still to be run, as far as their number is the limit: those to be added, and those that wait or run. */
async function remainingTrials(study: Study<unknown>, { trials = Number.POSITIVE_INFINITY, budget }: StopRules): Promise<number> {
  const open = await study.storage.trials(study.definition.id, ["waiting", "running"]);
  if (budget !== undefined && (await study.countSteps()) >= budget) return open.length;
  // Those that were promoted are in the history as well.
  const unseen = open.filter((trial) => !study.pauses.has(trial.number)).length;
  return Math.max(0, trials - study.history.length - unseen) + open.length;
}
