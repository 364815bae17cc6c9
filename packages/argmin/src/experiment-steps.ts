import type { JsonObject, Rng } from "@argmin/base";
import type { AnyModel } from "@argmin/nn";
import type { ObjectiveResult, Report } from "@argmin/search";

/** Where networks run; `auto` is CUDA where it is installed, else WebGPU on a graphics processor, else the CPU. */
export type Device = "auto" | "cpu" | "webgpu" | "cuda" | "tensorrt";

/** What a process that evaluates trials was given to work with. */
export interface Environment<Options = unknown> {
  /** The folder named by `--data`; absent when the data set should look in its usual places. */
  readonly dataFolder: string | undefined;
  readonly device: Device;
  /** How many threads this process may keep busy. */
  readonly threads: number;
  /** The experiment's own options, those of the study. */
  readonly options: Options;
  /** The study's name. */
  readonly study: string;
  /** How long a program that a trial runs has to end by itself once it is told to, in milliseconds. */
  readonly graceMs: number;
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal;
  /** Shows one line to whoever watches ("downloading MNIST"). */
  readonly log: (message: string) => void;
}

/** How a step is shown while it runs: `{ phase: "fold 2 of 3", of: 12 }` reads "fold 2 of 3, 5 of 12". */
export interface ReportOptions {
  /** How many steps there will be. */
  readonly of?: number;
  /** The part of the work the step belongs to. */
  readonly phase?: string;
}

/** Metrics by name; what is undefined was not measured and is left out. */
export type ReportedMetrics = Readonly<Record<string, number | undefined>>;

interface Work<Data, Options> extends Environment<Options> {
  /** What `prepare` returned. */
  readonly data: Data;
  /** The study's seed. */
  readonly seed: number;
  /** Random numbers of this piece of work alone: the same for the same seed and trial, in any process and at any retry. */
  readonly rng: Rng;
  /**
   * Records metrics after a step (an epoch, a fold): they are shown while the trial runs and kept with it.
   *
   * @param step - How many steps are done: 1 after the first.
   * @returns when the pruner's verdict is in; at once where trials are not pruned. Await it, and a hopeless trial goes no step further.
   * @throws Pruned of `@argmin/search` if the trial is hopeless, and `Paused`, which is one of them, if it is to stop for now: by the promise or, where nobody waits for that, at the next report.
   */
  readonly report: (step: number, metrics: ReportedMetrics, options?: ReportOptions) => Promise<void>;
}

/** Where a trial stood when it was paused, and what it had said by then. */
export interface ResumedTrial {
  readonly step: number;
  /** Sorted by phase and step; all that is kept, also of an attempt since the pause that lost its process. */
  readonly reports: readonly Report[];
}

/** What an objective is given beside its parameters. */
export interface TrialContext<Data, Options = unknown> extends Work<Data, Options> {
  /** The trial's number in its study, from 0. */
  readonly number: number;
  /**
   * A folder of the trial's own for what it takes to go on after a pause: it is there, has what was left in it at the pause, and is
   * removed when the trial has ended. A trial is to be paused where `report` throws `Paused` of `@argmin/search`. Absent where
   * trials are not paused.
   */
  readonly checkpointFolder?: string | undefined;
  /**
   * Present if the trial was paused and goes on now. One that has kept no checkpoint begins anew: what it reports up to that step
   * takes the place of what it reported before, and is not judged again.
   */
  readonly resumed?: ResumedTrial | undefined;
}

/** What `finish` is given beside the best trial. */
export type FinishContext<Data, Options = unknown> = Work<Data, Options>;

/** What `estimate` is given. */
export interface EstimateContext<Data, Options = unknown> extends Work<Data, Options> {
  /** How many trials the study would run. */
  readonly trials: number;
}

/** What `retrain` is given beside its point. */
export interface RetrainContext<Data, Options = unknown> extends Work<Data, Options> {
  /** A folder of its own for what it leaves behind; it is there. */
  readonly folder: string;
  /** The file in which the training is kept while it goes on, so that the same command continues it. */
  readonly checkpoint: string;
  /** How many training examples to hold out and to judge by after each epoch; undefined if nobody said. */
  readonly holdout: number | undefined;
}

/** The best trial of a study. */
export interface BestTrial<Params> {
  readonly number: number;
  readonly params: Params;
  readonly value: number;
  readonly attributes: JsonObject;
}

/** Parameters under a name: one of the experiment's points, or `trial-12`. */
export interface NamedPoint<Params> {
  readonly name: string;
  readonly params: Params;
}

/** What a trial has come to, for the document that is made of it. */
export interface EndedTrial<Params> {
  readonly study: string;
  readonly number: number;
  readonly state: "complete" | "pruned" | "failed" | "paused";
  readonly params: Params;
  readonly value: number | undefined;
  readonly attributes: JsonObject;
  readonly reports: readonly Report[];
}

/** What a candidate costs, known before it is trained. What is left out is not known; what takes long to know may be a getter. */
export interface Cost {
  /** Numbers that training changes. */
  readonly parameters?: number;
  /** Floating-point operations of one forward pass over one example; a multiplication with an addition counts as two. */
  readonly flops?: number;
  /** Bytes that a process which trains it holds. */
  readonly memoryBytes?: number;
}

/** One line of an estimate: `key` names it in the JSON document, `label` on the screen. Seconds are also shown as minutes, hours and days. */
export interface CostLine {
  readonly key: string;
  readonly label: string;
  readonly amount: number;
  readonly unit: "count" | "seconds";
}

/** What a trial's reports say of its value to be. */
export interface Curve {
  /** The reported metric that is the objective's value as it stands after each step; reported without a phase. */
  readonly metric: string;
  /** How many steps a trial has. */
  readonly steps: number;
}

/** What an experiment does, `Params` being what its space samples, `Data` what it loads and `Options` the values of its own flags. */
export interface ExperimentSteps<Params, Data, Options> {
  /** Loads what every trial needs, once per process. Write it above `objective`, so that the type of `data` is known there. */
  readonly prepare?: (environment: Environment<Options>) => Promise<Data> | Data;
  /**
   * What a set of parameters costs, known without training: in milliseconds and without `data`, since it is asked before a process
   * is given the trial. `--max-params`, `--max-flops` and `--max-memory` reject what costs too much; throwing fails the trial.
   */
  readonly cost?: (params: Params, options: Options) => Cost;
  /** The network of a set of parameters, for `argmin draw` and `argmin filters`: in milliseconds and without `data`. Throwing says that they make none. */
  readonly network?: (params: Params, options: Options) => AnyModel;
  /** By which reports trials are judged while they run: what `--pruner` and `--budget` need. */
  readonly curve?: (options: Options) => Curve;
  /** Evaluates one set of parameters. Throwing fails the trial, not the study; throwing `Pruned` of `@argmin/search` gives it up early. */
  readonly objective: (params: Params, trial: TrialContext<Data, Options>) => Promise<ObjectiveResult> | ObjectiveResult;
  /** Runs once after the search, on the best trial: refit it, look at the test set. The result is kept with the study. */
  readonly finish?: (best: BestTrial<Params>, context: FinishContext<Data, Options>) => Promise<JsonObject> | JsonObject;
  /** Measures or computes what the search would cost. */
  readonly estimate?: (context: EstimateContext<Data, Options>) => Promise<readonly CostLine[]> | readonly CostLine[];
  /** Trains one set of parameters for good (`argmin retrain`), going on from the checkpoint if there is one. The result is printed. */
  readonly retrain?: (point: NamedPoint<Params>, context: RetrainContext<Data, Options>) => Promise<JsonObject> | JsonObject;
  /** Further members of a trial's file in the results folder; those that argmin writes itself stay as they are. */
  readonly document?: (trial: EndedTrial<Params>, options: Options) => JsonObject;
}
