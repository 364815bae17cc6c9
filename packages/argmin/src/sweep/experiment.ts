import { ArgminError, isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";
import type { Space } from "@argmin/search";
import type { Experiment, SamplerChoice } from "../experiment.ts";
import { prepareExperiment, type PreparedExperiment } from "../prepared-experiment.ts";
import { usualCommand } from "../program/command.ts";
import { evaluateProgram, type Program } from "../program/evaluate-program.ts";
import { imputationSettings } from "./imputation.ts";
import type { SweepMethod } from "../sweep-file/keys.ts";
import type { SweepFile, SweepMetric } from "../sweep-file/read.ts";

/** How long a search is whose end nothing says, for pruners that ask: the reports of a program come without a number. */
const usualSteps = 100;

/**
 * A sweep as an experiment: its space is searched by its method, and each trial runs its program, or the experiment it names.
 *
 * @param name - The study's.
 * @param load - Finds the experiment that a sweep names.
 * @throws ArgminError `sweep/invalid` if the sweep says neither what to run nor what to optimize, or names an experiment that goes the other way.
 */
export async function sweepExperiment(
  sweep: SweepFile,
  name: string,
  load: (reference: string) => Promise<Experiment>,
): Promise<Experiment> {
  const { objective, metric } = sweep;
  if (objective === undefined) throw invalid(name, "says neither a 'program' nor a 'command', so that there is nothing to run");
  if (metric === undefined) throw invalid(name, "has no 'metric', so that nothing says which of its runs is the best");
  const { space, description, runCap, settings, pruner } = sweep;
  const chosen = sweep.sampler ?? samplerOf[sweep.method];
  const samplerSettings = (sampler: string): JsonObject => ({
    ...imputationSettings(sampler, metric),
    ...(sampler === chosen.name ? chosen.settings : {}),
  });
  const sampler = { name: chosen.name, settings: samplerSettings(chosen.name) };
  const common = {
    kind: "argmin/experiment",
    name,
    summary: description ?? "a sweep",
    space,
    points: {},
    direction: metric.direction,
    trials: runCap ?? "unlimited",
    seed: settings.seed ?? 0,
    sampler,
    samplerSettings,
    pruner,
  } as const;
  if (objective.kind === "command") {
    const { program, words } = objective;
    const isUsual = program !== undefined && sweep.document["command"] === undefined;
    return {
      ...common,
      ...programSteps({ program, command: isUsual ? usualCommand(program) : words, ...valueOf(metric) }, name, space),
      metric: metric.name,
      range: undefined,
      step: undefined,
      options: {},
    };
  }
  const base = await load(objective.reference);
  if (base.direction !== metric.direction)
    throw invalid(
      name,
      `wants to ${metric.direction} '${metric.name}', but the experiment '${base.name}' is there to ${base.direction} it`,
    );
  const encode = (params: JsonValue): ReturnType<Space["encode"]> => base.space.encode(params);
  return {
    ...base,
    ...common,
    has: { ...base.has, finish: false, estimate: false, retrain: false },
    prepare: async (environment) => {
      const prepared = await base.prepare(environment);
      return { ...prepared, evaluate: (assignment, task) => prepared.evaluate(encode(space.decode(assignment)), task) };
    },
    cost: (assignment, options) => base.cost(encode(space.decode(assignment)), options),
    network: (assignment, options) => base.network(encode(space.decode(assignment)), options),
    document: ({ assignment, ...trial }, options) =>
      base.document({ ...trial, assignment: encode(space.decode(assignment)) }, options),
  };
}

const samplerOf: { readonly [M in SweepMethod]: SamplerChoice } = {
  bayes: { name: "auto", settings: {} },
  grid: { name: "grid", settings: {} },
  random: { name: "random", settings: {} },
  // Such a sweep names its sampler.
  custom: { name: "random", settings: {} },
};

function valueOf({ name, direction }: SweepMetric): Pick<Program, "metric" | "direction" | "value"> {
  return { metric: name, direction, value: "best" };
}

type Steps = Pick<Experiment, "has" | "prepare" | "cost" | "network" | "curve" | "document">;

function programSteps(program: Program, name: string, space: Space<JsonValue>): Steps {
  return {
    has: { cost: false, finish: false, estimate: false, retrain: false, network: false },
    prepare: (environment): Promise<PreparedExperiment> =>
      prepareExperiment<JsonValue, undefined, typeof environment.options>(
        {
          name,
          space,
          range: undefined,
          steps: { objective: (params, trial) => evaluateProgram(program, paramsOf(params), trial) },
        },
        environment,
      ),
    cost: () => undefined,
    network: () => undefined,
    curve: () => ({ metric: program.metric, steps: usualSteps }),
    document: () => ({}),
  };
}

/** A sweep's space gives its parameters by name. */
function paramsOf(params: JsonValue): JsonObject {
  if (isJsonObject(params)) return params;
  throw new Error("internal: a sweep's parameters have no names.");
}

function invalid(name: string, problem: string): ArgminError {
  return new ArgminError("sweep/invalid", `The sweep '${name}' ${problem}; say it in the sweep file.`);
}
