import { finishedStates, type Study } from "@argmin/search";
import type { ProgressState, StepView, WorkerView } from "../render/progress.ts";
import type { RankedTrial } from "../results/folder.ts";

/** The study as the display and the results folder see it: kept up to date from the study's history, row by row. */
export class SearchProgress {
  readonly #study: Study<unknown>;
  readonly #metric: string;
  readonly #total: number | undefined;
  readonly #budget: number | undefined;
  /** How many steps the trials have reported; kept by whoever counts them. */
  spent = 0;
  #spentBefore = 0;
  #startedAt = Date.now();
  readonly #workers: WorkerView[];
  /** By number, in the order in which they finished. */
  readonly #trials = new Map<number, RankedTrial>();
  /** Up to where the history has been read. */
  #sequence = 0;
  #best: { readonly number: number; readonly value: number } | undefined;
  #failed = 0;
  #pruned = 0;
  #paused = 0;
  #rejected = 0;
  #endedBefore = 0;
  #endedHere = 0;
  #stopping = false;

  constructor({
    study,
    metric,
    total,
    budget,
    workers,
  }: {
    study: Study<unknown>;
    metric: string;
    total: number | undefined;
    budget: number | undefined;
    workers: number;
  }) {
    this.#study = study;
    this.#metric = metric;
    this.#total = total;
    this.#budget = budget;
    this.#workers = Array.from({ length: workers }, () => ({ kind: "idle" as const }));
    this.#read();
    this.#endedBefore = this.#trials.size;
  }

  /** The finished and the paused trials, in the order in which they came to that. */
  get trials(): readonly RankedTrial[] {
    this.#read();
    return [...this.#trials.values()];
  }

  get state(): ProgressState {
    this.#read();
    return {
      study: this.#study.name,
      metric: this.#metric,
      total: this.#total,
      ended: this.#trials.size,
      failed: this.#failed,
      pruned: this.#pruned,
      paused: this.#paused,
      rejected: this.#rejected,
      steps:
        this.#budget === undefined
          ? undefined
          : { spent: this.spent, spentHere: this.spent - this.#spentBefore, budget: this.#budget },
      best: this.#best,
      startedAt: this.#startedAt,
      // What other processes contribute makes the search faster, too.
      endedHere: Math.max(this.#endedHere, this.#trials.size - this.#endedBefore),
      workers: [...this.#workers],
      stopping: this.#stopping,
    };
  }

  /** The number of trials that run in this process. */
  get running(): number {
    return this.#workers.filter(({ kind }) => kind === "trial").length;
  }

  set(place: number, view: WorkerView): void {
    this.#workers[place] = view;
  }

  step(place: number, step: StepView): void {
    const view = this.#workers[place];
    if (view?.kind === "trial" || view?.kind === "finishing") this.#workers[place] = { ...view, step };
  }

  /** Starts the clock by which the pace is measured: loading data is no part of it. */
  begin(): void {
    this.#startedAt = Date.now();
    this.#spentBefore = this.spent;
  }

  trialEnded(): void {
    this.#endedHere += 1;
  }

  stop(): void {
    this.#stopping = true;
  }

  #read(): void {
    const { history, direction } = this.#study;
    let row = history.length;
    while (row > 0 && history.sequences[row - 1]! > this.#sequence) row -= 1;
    for (; row < history.length; row += 1) {
      const trial = trialAt(this.#study, row, direction === "maximize" ? -1 : 1);
      this.#sequence = history.sequences[row]!;
      // A trial that was paused and has come further is one trial all the same.
      if (this.#trials.delete(trial.number)) this.#paused -= 1;
      this.#trials.set(trial.number, trial);
      if (trial.state === "paused") this.#paused += 1;
      if (trial.state === "failed") this.#failed += 1;
      // What ended before it had any value was never begun in earnest.
      const isJudged = trial.value !== undefined || !Number.isNaN(history.steps[row] ?? Number.NaN);
      if (trial.state === "pruned" && !isJudged) this.#rejected += 1;
      if (trial.state === "pruned" && isJudged) this.#pruned += 1;
      if (trial.state === "complete" && trial.value !== undefined) this.#compare(trial.number, trial.value);
    }
  }

  #compare(number: number, value: number): void {
    const gain = this.#best === undefined ? 1 : (this.#best.value - value) * (this.#study.direction === "minimize" ? 1 : -1);
    if (gain > 0 || (gain === 0 && number < (this.#best?.number ?? 0))) this.#best = { number, value };
  }
}

/** A history is always to be minimised; the value is given back its own sign. */
function trialAt({ history, pauses }: Study<unknown>, row: number, sign: 1 | -1): RankedTrial {
  const objective = history.objectives[row] ?? Number.NaN;
  const number = history.numbers[row] ?? 0;
  return {
    number,
    ...(pauses.has(number)
      ? { state: "paused", step: history.steps[row] }
      : { state: finishedStates[history.states[row] ?? 0] ?? "failed" }),
    value: Number.isNaN(objective) ? undefined : sign * objective,
  };
}
