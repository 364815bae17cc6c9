import { ArgminError, type JsonObject } from "@argmin/base";
import type { AnyModel } from "@argmin/nn";
import { compileSpace, type Assignment, type Direction, type Sample, type Space, type SpaceDefinition } from "@argmin/search";
import type { Cost, Curve, EndedTrial, Environment, ExperimentSteps } from "./experiment-steps.ts";
import { complaintAboutOptions, type OptionsOf, type OptionTable, type OptionValues, typedOptions } from "./options.ts";
import { prepareExperiment, type PreparedExperiment } from "./prepared-experiment.ts";

export type { Direction, Metrics, ObjectiveResult, Report } from "@argmin/search";
export type * from "./experiment-steps.ts";
export type { Option, OptionsOf, OptionTable, OptionValues } from "./options.ts";
export type { BestAssignment, Evaluation, PreparedExperiment, RetrainPlan, Task } from "./prepared-experiment.ts";

/** A sampler by name, with settings where it has any. */
export interface SamplerChoice {
  readonly name: string;
  readonly settings: JsonObject;
}

/** A sampler's name, alone or with its settings. */
export type SamplerOption = string | { readonly name: string; readonly settings?: JsonObject };

/** A pruner by name, with settings where it has any. */
export interface PrunerChoice {
  readonly name: string;
  readonly settings: JsonObject;
}

/** How many trials a study gets; `unlimited`: it runs until it is stopped. */
export type TrialCount = number | "unlimited";

/** The least and the greatest value that an objective can have. */
export type ValueRange = readonly [low: number, high: number];

/** A space, an objective and settings under one name. */
export interface ExperimentDefinition<S extends SpaceDefinition, Data, O extends OptionTable> extends ExperimentSteps<
  Sample<S>,
  Data,
  OptionsOf<O>
> {
  /** Lower case letters, digits, `-`, `_` and `.`; also the name of the study unless another is given. */
  readonly name: string;
  /** One line for `argmin list`. */
  readonly summary: string;
  /** The experiment's own flags. */
  readonly options?: O;
  readonly space: S;
  /** Points of the space by name, for `argmin retrain --point NAME` and `argmin draw --point NAME`; the first is what `draw` shows unless told otherwise. */
  readonly points?: Readonly<Record<string, Sample<S>>>;
  /** What the objective's value is called ("validation accuracy"). */
  readonly metric: string;
  readonly direction: Direction;
  /** What the steps are at which trials report, one of them ("epoch"): for the charts; "step" if absent. */
  readonly step?: string;
  /** The least and the greatest value there can be, both from 0 on, if that is known: the files of results are then named by the value alone. */
  readonly range?: ValueRange;
  /** Trials of a study unless `--trials` says otherwise; 20 if absent. */
  readonly trials?: TrialCount;
  /** The sampler unless `--sampler` says otherwise; `auto` if absent. */
  readonly sampler?: SamplerOption;
  /** The pruner unless `--pruner` says otherwise: a name, alone or with its settings. None if absent. It needs a `curve`. */
  readonly pruner?: SamplerOption;
  /** The seed unless `--seed` says otherwise; 0 if absent. */
  readonly seed?: number;
}

/**
 * An experiment ready to run: the types of its parameters, data and options are checked where it is defined and sealed inside.
 * `kind` tells an experiment apart in whatever a user's file exports.
 */
export interface Experiment {
  readonly kind: "argmin/experiment";
  readonly name: string;
  readonly summary: string;
  readonly options: OptionTable;
  readonly space: Space;
  readonly points: Readonly<Record<string, Assignment>>;
  readonly metric: string;
  readonly direction: Direction;
  readonly step: string | undefined;
  readonly range: ValueRange | undefined;
  readonly trials: TrialCount;
  readonly sampler: SamplerChoice;
  /** The settings of whatever sampler `--sampler` asks for by name; what it leaves out has the sampler's own default. */
  readonly samplerSettings: (sampler: string) => JsonObject;
  readonly pruner: PrunerChoice;
  readonly seed: number;
  /** Whether there is the step of that name. */
  readonly has: { readonly [Step in "cost" | "finish" | "estimate" | "retrain" | "network"]: boolean };
  prepare(environment: Environment<OptionValues>): Promise<PreparedExperiment>;
  /** @throws what the experiment's `cost` throws, of parameters that make no candidate. */
  cost(assignment: Assignment, options: OptionValues): Cost | undefined;
  /** The network of a candidate; undefined if the experiment does not tell. @throws what the experiment's `network` throws. */
  network(assignment: Assignment, options: OptionValues): AnyModel | undefined;
  /** By which reports trials are judged; undefined if they cannot be. */
  curve(options: OptionValues): Curve | undefined;
  /** What the experiment adds to the document of a trial. */
  document(trial: Omit<EndedTrial<unknown>, "params"> & { readonly assignment: Assignment }, options: OptionValues): JsonObject;
}

/**
 * An experiment for `argmin run`: `export default defineExperiment({ ... })`. The types of `params`, `data` and `options` follow from
 * `space`, `prepare` and `options`.
 *
 * @throws ArgminError `experiment/invalid` for a bad name, number of trials, range or option; `space/*` for a space that cannot be
 *   searched, and for a point that does not lie in it.
 */
export function defineExperiment<
  const S extends SpaceDefinition,
  Data = undefined,
  const O extends OptionTable = Readonly<Record<string, never>>,
>(definition: ExperimentDefinition<S, Data, O>): Experiment {
  const { name, summary, metric, direction, range, trials = 20, seed = 0 } = definition;
  check(/^[a-z0-9][a-z0-9._-]*$/.test(name), name, "its name must be lower case letters, digits, '-', '_' and '.'");
  check(direction === "minimize" || direction === "maximize", name, "its direction must be 'minimize' or 'maximize'");
  const isCount = trials === "unlimited" || (Number.isInteger(trials) && trials > 0);
  check(isCount, name, `its trials must be a whole number above 0 or "unlimited", not ${trials}`);
  check(Number.isSafeInteger(seed) && seed >= 0, name, `its seed must be a whole number from 0, not ${seed}`);
  check(typeof definition.objective === "function", name, "its objective must be a function");
  const isRange = range === undefined || (range[0] >= 0 && range[0] < range[1] && Number.isFinite(range[1]));
  check(isRange, name, `its range must be two finite numbers from 0 on, the lower first, not ${String(range)}`);
  const isJudged = definition.pruner === undefined || definition.curve !== undefined;
  check(isJudged, name, "its pruner needs to know by which reports trials are judged: give it a 'curve'");
  const complaint = complaintAboutOptions(definition.options ?? {});
  check(complaint === undefined, name, complaint ?? "");
  const space = compileSpace(definition.space);
  const sampler = choiceOf(definition.sampler, "auto");
  const filled = (options: OptionValues): OptionsOf<O> => typedOptions<O>(tableOf(definition), options);
  return {
    kind: "argmin/experiment",
    name,
    summary,
    options: definition.options ?? {},
    space,
    points: encodePoints(definition.points ?? {}, space),
    metric,
    direction,
    step: definition.step,
    range,
    trials,
    seed,
    sampler,
    samplerSettings: (name) => (name === sampler.name ? sampler.settings : {}),
    pruner: choiceOf(definition.pruner, "none"),
    has: {
      cost: definition.cost !== undefined,
      finish: definition.finish !== undefined,
      estimate: definition.estimate !== undefined,
      retrain: definition.retrain !== undefined,
      network: definition.network !== undefined,
    },
    prepare: (environment) =>
      prepareExperiment({ name, steps: definition, space, range }, { ...environment, options: filled(environment.options) }),
    cost: (assignment, options) => definition.cost?.(space.decode(assignment), filled(options)),
    network: (assignment, options) => definition.network?.(space.decode(assignment), filled(options)),
    curve: (options) => checkedCurve(name, definition.curve?.(filled(options))),
    document: ({ assignment, ...trial }, options) =>
      definition.document?.({ ...trial, params: space.decode(assignment) }, filled(options)) ?? {},
  };
}

function tableOf<O extends OptionTable>(definition: { readonly options?: O }): O;
// Without `options` nothing can have made `O` anything but its default, which is empty.
function tableOf(definition: { readonly options?: OptionTable }): OptionTable {
  return definition.options ?? {};
}

function encodePoints<Params>(
  points: Readonly<Record<string, Params>>,
  space: Space<Params>,
): Readonly<Record<string, Assignment>> {
  return Object.fromEntries(Object.entries(points).map(([name, params]) => [name, encodePoint(name, params, space)]));
}

function encodePoint<Params>(name: string, params: Params, space: Space<Params>): Assignment {
  try {
    return space.encode(params);
  } catch (error) {
    if (!(error instanceof ArgminError)) throw error;
    throw new ArgminError(error.code, `The point '${name}' does not lie in the space: ${error.message}`, { cause: error });
  }
}

function choiceOf(given: SamplerOption | undefined, usual: string): SamplerChoice {
  if (given === undefined || typeof given === "string") return { name: given ?? usual, settings: {} };
  return { name: given.name, settings: given.settings ?? {} };
}

function checkedCurve(name: string, curve: Curve | undefined): Curve | undefined {
  if (curve === undefined) return undefined;
  const { metric, steps } = curve;
  check(typeof metric === "string" && metric !== "", name, "the metric of its curve must be the name of a reported metric");
  check(Number.isSafeInteger(steps) && steps > 0, name, `the steps of its curve must be a whole number above 0, not ${steps}`);
  return curve;
}

function check(holds: boolean, name: unknown, problem: string): void {
  if (!holds) throw new ArgminError("experiment/invalid", `Experiment '${String(name)}' cannot be used: ${problem}.`);
}
