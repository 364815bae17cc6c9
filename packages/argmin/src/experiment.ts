import { ArgminError, isJsonObject, Rng, type JsonObject, type JsonValue } from "@argmin/base";
import {
  compileSpace,
  type Assignment,
  type Direction,
  type Metrics,
  type ObjectiveResult,
  type Sample,
  type Space,
  type SpaceDefinition,
} from "@argmin/search";

export type { Direction, Metrics, ObjectiveResult } from "@argmin/search";

/** Where networks run; `auto` takes the fastest device that works. */
export type Device = "auto" | "cpu" | "webgpu" | "cuda" | "tensorrt";

/** What a process that evaluates trials was given to work with. */
export interface Environment {
  /** The folder named by `--data`; absent when the data set should look in its usual places. */
  readonly dataFolder: string | undefined;
  readonly device: Device;
  /** How many threads this process may keep busy. */
  readonly threads: number;
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

interface Work<Data> extends Environment {
  /** What `prepare` returned. */
  readonly data: Data;
  /** The study's seed. */
  readonly seed: number;
  /** Random numbers of this piece of work alone: the same for the same seed and trial, in any process and at any retry. */
  readonly rng: Rng;
  /** Records metrics after a step (an epoch, a fold): they are shown while the trial runs and kept with it. */
  readonly report: (step: number, metrics: Metrics, options?: ReportOptions) => void;
}

/** What an objective is given beside its parameters. */
export interface TrialContext<Data> extends Work<Data> {
  /** The trial's number in its study, from 0. */
  readonly number: number;
}

/** What `finish` is given beside the best trial. */
export type FinishContext<Data> = Work<Data>;

/** What `estimate` is given. */
export interface EstimateContext<Data> extends Work<Data> {
  /** How many trials the study would run. */
  readonly trials: number;
}

/** The best trial of a study. */
export interface BestTrial<Params> {
  readonly number: number;
  readonly params: Params;
  readonly value: number;
  readonly attributes: JsonObject;
}

/** One line of an estimate: `key` names it in the JSON document, `label` on the screen. Seconds are also shown as minutes, hours and days. */
export interface CostLine {
  readonly key: string;
  readonly label: string;
  readonly amount: number;
  readonly unit: "count" | "seconds";
}

/** A sampler by name, with settings where it has any. */
export interface SamplerChoice {
  readonly name: string;
  readonly settings: JsonObject;
}

/** A sampler's name, alone or with its settings. */
export type SamplerOption = string | { readonly name: string; readonly settings?: JsonObject };

/** What an experiment does, `Params` being what its space samples and `Data` what it loads. */
export interface ExperimentSteps<Params, Data> {
  /** Loads what every trial needs, once per process. Write it above `objective`, so that the type of `data` is known there. */
  readonly prepare?: (environment: Environment) => Promise<Data> | Data;
  /** Evaluates one set of parameters. Throwing fails the trial, not the study; throwing `Pruned` of `@argmin/search` gives it up early. */
  readonly objective: (params: Params, trial: TrialContext<Data>) => Promise<ObjectiveResult> | ObjectiveResult;
  /** Runs once after the search, on the best trial: refit it, look at the test set. The result is kept with the study. */
  readonly finish?: (best: BestTrial<Params>, context: FinishContext<Data>) => Promise<JsonObject> | JsonObject;
  /** Measures or computes what the search would cost. */
  readonly estimate?: (context: EstimateContext<Data>) => Promise<readonly CostLine[]> | readonly CostLine[];
}

/** A space, an objective and settings under one name. */
export interface ExperimentDefinition<S extends SpaceDefinition, Data> extends ExperimentSteps<Sample<S>, Data> {
  /** Lower case letters, digits, `-`, `_` and `.`; also the name of the study unless another is given. */
  readonly name: string;
  /** One line for `argmin list`. */
  readonly summary: string;
  readonly space: S;
  /** What the objective's value is called ("validation accuracy"). */
  readonly metric: string;
  readonly direction: Direction;
  /** Trials of a study unless `--trials` says otherwise; 20 if absent. */
  readonly trials?: number;
  /** The sampler unless `--sampler` says otherwise; `random` if absent. */
  readonly sampler?: SamplerOption;
  /** The seed unless `--seed` says otherwise; 0 if absent. */
  readonly seed?: number;
}

/** The part of a piece of work that differs from trial to trial. */
export type Task = Pick<Work<unknown>, "seed" | "signal" | "report">;

/** An experiment whose data are loaded. */
export interface PreparedExperiment {
  /**
   * Evaluates the objective.
   *
   * @throws ArgminError `objective/failed` if it returns no number, `trial/not-finite` for NaN and infinities; whatever else the objective throws.
   */
  evaluate(assignment: Assignment, task: Task & { readonly number: number }): Promise<Evaluation>;
  /** Runs the last step of the experiment; undefined if it has none. */
  finish(best: BestAssignment, task: Task): Promise<JsonObject | undefined>;
  /** Runs the experiment's own estimate; undefined if it has none. */
  estimate(trials: number, task: Task): Promise<readonly CostLine[] | undefined>;
}

/** What an objective gave, checked. */
export interface Evaluation {
  readonly value: number;
  readonly attributes: JsonObject;
}

/** The best trial as the storage knows it. */
export type BestAssignment = Omit<BestTrial<unknown>, "params"> & { readonly assignment: Assignment };

/**
 * An experiment ready to run: the types of its parameters and data are checked where it is defined and sealed inside.
 * `kind` tells an experiment apart in whatever a user's file exports.
 */
export interface Experiment {
  readonly kind: "argmin/experiment";
  readonly name: string;
  readonly summary: string;
  readonly space: Space;
  readonly metric: string;
  readonly direction: Direction;
  readonly trials: number;
  readonly sampler: SamplerChoice;
  readonly seed: number;
  readonly hasFinish: boolean;
  readonly hasEstimate: boolean;
  prepare(environment: Environment): Promise<PreparedExperiment>;
}

/**
 * An experiment for `argmin run`: `export default defineExperiment({ ... })`. The types of `params` and `data` follow from `space` and `prepare`.
 *
 * @throws ArgminError `experiment/invalid` for a bad name or number of trials; `space/*` for a space that cannot be searched.
 */
export function defineExperiment<const S extends SpaceDefinition, Data = undefined>(
  definition: ExperimentDefinition<S, Data>,
): Experiment {
  const { name, summary, metric, direction, trials = 20, seed = 0 } = definition;
  check(/^[a-z0-9][a-z0-9._-]*$/.test(name), name, "its name must be lower case letters, digits, '-', '_' and '.'");
  check(direction === "minimize" || direction === "maximize", name, "its direction must be 'minimize' or 'maximize'");
  check(Number.isInteger(trials) && trials > 0, name, `its trials must be a whole number above 0, not ${trials}`);
  check(Number.isSafeInteger(seed) && seed >= 0, name, `its seed must be a whole number from 0, not ${seed}`);
  check(typeof definition.objective === "function", name, "its objective must be a function");
  const space = compileSpace(definition.space);
  return {
    kind: "argmin/experiment",
    name,
    summary,
    space,
    metric,
    direction,
    trials,
    seed,
    sampler: samplerChoice(definition.sampler),
    hasFinish: definition.finish !== undefined,
    hasEstimate: definition.estimate !== undefined,
    prepare: (environment) => prepare(name, definition, space, environment),
  };
}

async function prepare<Params, Data>(
  name: string,
  steps: ExperimentSteps<Params, Data>,
  space: Space<Params>,
  environment: Environment,
): Promise<PreparedExperiment> {
  const data = await loadData(steps, environment);
  const work = (task: Task, ...key: readonly (string | number)[]): Work<Data> => ({
    ...environment,
    ...task,
    data,
    rng: Rng.fromSeed(task.seed).split(...key),
  });
  return {
    evaluate: async (assignment, task) => {
      const context = { ...work(task, "trial", task.number), number: task.number };
      return checkResult(name, await steps.objective(space.decode(assignment), context));
    },
    finish: async ({ assignment, ...best }, task) =>
      steps.finish?.({ ...best, params: space.decode(assignment) }, work(task, "finish")),
    estimate: async (trials, task) => steps.estimate?.({ ...work(task, "estimate"), trials }),
  };
}

function loadData<Data>(steps: ExperimentSteps<never, Data>, environment: Environment): Promise<Data>;
// Without `prepare` nothing can have made `Data` anything but its default, `undefined`.
async function loadData(steps: ExperimentSteps<never, unknown>, environment: Environment): Promise<unknown> {
  return steps.prepare?.(environment);
}

/** A user's file need not be type-checked, so what an objective returns is parsed as anything from outside is. */
function checkResult(name: string, result: ObjectiveResult): Evaluation {
  const found: JsonValue | undefined = result;
  const value = isJsonObject(found) ? found["value"] : found;
  if (typeof value !== "number") {
    throw new ArgminError(
      "objective/failed",
      `The objective of '${name}' returned ${describe(value)}; it must return a number, or { value: number }.`,
    );
  }
  if (!Number.isFinite(value)) {
    throw new ArgminError(
      "trial/not-finite",
      `The objective of '${name}' returned ${value}; only finite values can be compared.`,
    );
  }
  const attributes = isJsonObject(found) ? found["attributes"] : undefined;
  return { value, attributes: isJsonObject(attributes) ? attributes : {} };
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}`;
  return typeof value === "object" ? "an object without a number as its value" : `a ${typeof value}`;
}

function samplerChoice(sampler: SamplerOption | undefined): SamplerChoice {
  if (sampler === undefined) return { name: "random", settings: {} };
  return typeof sampler === "string" ? { name: sampler, settings: {} } : { name: sampler.name, settings: sampler.settings ?? {} };
}

function check(holds: boolean, name: unknown, problem: string): void {
  if (!holds) throw new ArgminError("experiment/invalid", `Experiment '${String(name)}' cannot be used: ${problem}.`);
}
