import { ArgminError, isJsonObject, Rng, type JsonObject, type JsonValue } from "@argmin/base";
import type { Assignment, ObjectiveResult, Space } from "@argmin/search";
import type { BestTrial, CostLine, Environment, ExperimentSteps, RetrainContext, TrialContext } from "./experiment-steps.ts";

/** The part of a piece of work that differs from trial to trial. */
export type Task = Pick<TrialContext<unknown>, "seed" | "signal" | "report">;

/** A trial as a task. */
export type TrialTask = Task & Pick<TrialContext<unknown>, "number" | "checkpointFolder" | "resumed">;

/** What an objective gave, checked. */
export interface Evaluation {
  readonly value: number;
  readonly attributes: JsonObject;
}

/** The best trial as the storage knows it. */
export type BestAssignment = Omit<BestTrial<unknown>, "params"> & { readonly assignment: Assignment };

/** What is to be trained for good, and where that is kept. */
export type RetrainPlan = Pick<RetrainContext<unknown>, "folder" | "checkpoint" | "holdout"> & {
  readonly name: string;
  readonly assignment: Assignment;
};

/** An experiment whose data are loaded. */
export interface PreparedExperiment {
  /**
   * Evaluates the objective.
   *
   * @throws ArgminError `objective/failed` if it returns no number or one out of the experiment's range, `trial/not-finite` for NaN
   *   and infinities; whatever else the objective throws.
   */
  evaluate(assignment: Assignment, task: TrialTask): Promise<Evaluation>;
  /** Runs the last step of the experiment; undefined if it has none. */
  finish(best: BestAssignment, task: Task): Promise<JsonObject | undefined>;
  /** Runs the experiment's own estimate; undefined if it has none. */
  estimate(trials: number, task: Task): Promise<readonly CostLine[] | undefined>;
  /** Trains one set of parameters for good; undefined if the experiment cannot. */
  retrain(plan: RetrainPlan, task: Task): Promise<JsonObject | undefined>;
}

/** What a prepared experiment is made of. */
export interface Preparation<Params, Data, Options> {
  readonly name: string;
  readonly steps: ExperimentSteps<Params, Data, Options>;
  readonly space: Space<Params>;
  readonly range: readonly [low: number, high: number] | undefined;
}

/** Loads the data of an experiment; what comes of it evaluates trials. */
export async function prepareExperiment<Params, Data, Options>(
  { name, steps, space, range }: Preparation<Params, Data, Options>,
  environment: Environment<Options>,
): Promise<PreparedExperiment> {
  const data = await loadData(steps, environment);
  const work = (task: Task, ...key: readonly (string | number)[]): Omit<TrialContext<Data, Options>, "number"> => ({
    ...environment,
    ...task,
    data,
    rng: Rng.fromSeed(task.seed).split(...key),
  });
  return {
    evaluate: async (assignment, task) => {
      const { number, checkpointFolder, resumed } = task;
      const context = { ...work(task, "trial", number), number, checkpointFolder, resumed };
      return checkResult(name, range, await steps.objective(space.decode(assignment), context));
    },
    finish: async ({ assignment, ...best }, task) =>
      steps.finish?.({ ...best, params: space.decode(assignment) }, work(task, "finish")),
    estimate: async (trials, task) => steps.estimate?.({ ...work(task, "estimate"), trials }),
    retrain: async ({ name: point, assignment, ...places }, task) =>
      steps.retrain?.({ name: point, params: space.decode(assignment) }, { ...work(task, "retrain"), ...places }),
  };
}

function loadData<Data, Options>(steps: ExperimentSteps<never, Data, Options>, environment: Environment<Options>): Promise<Data>;
// Without `prepare` nothing can have made `Data` anything but its default, `undefined`.
async function loadData<Options>(
  steps: ExperimentSteps<never, unknown, Options>,
  environment: Environment<Options>,
): Promise<unknown> {
  return steps.prepare?.(environment);
}

/** A user's file need not be type-checked, so what an objective returns is parsed as anything from outside is. */
function checkResult(name: string, range: Preparation<unknown, unknown, unknown>["range"], result: ObjectiveResult): Evaluation {
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
  if (range !== undefined && !(value >= range[0] && value <= range[1])) {
    throw new ArgminError(
      "objective/failed",
      `The objective of '${name}' returned ${value}, but its range says that values lie from ${range[0]} to ${range[1]}.`,
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
