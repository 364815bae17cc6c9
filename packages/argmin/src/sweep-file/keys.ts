import type { JsonObject } from "@argmin/base";
import { samplerNames } from "@argmin/search";
import { argminBlock, argminKeys } from "./argmin-block.ts";
import { command } from "./command.ts";
import { parameterDefinitions } from "./parameter-schema.ts";
import {
  anything,
  boolean,
  integer,
  list,
  mapping,
  mappingSchema,
  number,
  optional,
  required,
  text,
  word,
  type Shape,
  type ValuesOf,
} from "./shape.ts";

/** How a sweep searches. `custom` leaves that to somebody else: here, to the sampler of the block `argmin`. */
export const methods = ["bayes", "grid", "random", "custom"] as const;
export type SweepMethod = (typeof methods)[number];

const imputations = ["latest", "best", "worst"] as const;

const metric = mapping(
  {
    name: required(text("the name of a metric"), "the name of the metric, as the program reports it"),
    goal: optional(
      word(["minimize", "maximize"], (given) =>
        /^(?:min|max)/i.test(given) ? ` Did you mean '${given.slice(0, 3).toLowerCase()}imize'?` : undefined,
      ),
      "which way is better",
      "minimize",
    ),
    target: optional(number(), "the sweep ends as soon as a run is this good"),
    impute: optional(word(imputations), "what counts as the value of a run that failed", "worst"),
    impute_while_running: optional(
      word([...imputations, "false"]),
      "what counts as the value of a run that is not over",
      "false",
    ),
  },
  { of: "metric" },
);

const hyperband = mapping(
  {
    type: required(
      word(
        ["hyperband"],
        (given) => ` Other rules go into the block 'argmin', as its 'pruner'${given === "median" ? ": median" : ""}.`,
      ),
      "the rule, of which there is one: hyperband",
    ),
    min_iter: optional(integer({ min: 1 }), "the first band, in reports of the metric; further ones follow at eta times as many"),
    max_iter: optional(integer(), "the reports of a whole run, for bands at max_iter / eta, / eta^2 and so on"),
    s: optional(number(), "how many bands there are below max_iter"),
    eta: optional(number({ above: 1 }), "of the runs at a band, one in so many goes on", 3),
    strict: optional(boolean(), "whether the value at the band counts, rather than the best so far", true),
  },
  { of: "early_terminate" },
);

const scheduler = mapping(
  {
    engine: required(word(["optuna", "ax", "wandb"]), "what schedules the runs"),
    source: optional(text(), "the file with the functions named below"),
    optimizer: optional(text(), "the function that makes the optimizer"),
    search_space: optional(text(), "the function that defines the search space"),
  },
  { of: "scheduler" },
);

const controller = mapping(
  { type: required(word(["cloud", "local"]), "who plans the runs") },
  { of: "controller", isOpen: true },
);

/** Read by `readParameters`, which needs the method. */
const parameters: Shape<unknown> = { schema: { $ref: "#/definitions/parameters" }, read: () => ({}) };

/** Every key of a sweep file: what the reader takes and what editors offer. */
export const sweepKeys = {
  method: required(word(methods, samplerHint), "how parameters are searched: bayes, grid or random"),
  metric: optional(metric, "what is optimized"),
  metrics: optional(list(metric, "metrics", { atLeast: 2 }), "several objectives, for which argmin has no search"),
  parameters: optional(parameters, "what may vary: the parameters by name"),
  early_terminate: optional(hyperband, "when a run is stopped early"),
  program: optional(text("the program to run"), "the program that each run executes"),
  command: optional(command, "the command of a run; ${env} ${interpreter} ${program} ${args} unless given"),
  run_cap: optional(integer({ min: 1 }), "how many runs the sweep has at most"),
  name: optional(text(), "what people call the sweep"),
  description: optional(text(), "what it is about"),
  project: optional(text(), "the project it belongs to"),
  entity: optional(text(), "who it belongs to at Weights & Biases"),
  controller: optional(controller, "who plans the runs at Weights & Biases; argmin does it itself"),
  scheduler: optional(scheduler, "a scheduler of Weights & Biases; argmin has samplers"),
  job: optional(text(), "a job of W&B Launch, which argmin does not run"),
  image_uri: optional(text(), "an image of W&B Launch, which argmin does not run"),
  apiVersion: optional(text(), "a version, of no meaning here"),
  kind: optional(word(["sweep"]), "sweep, if anything"),
  argmin: optional(argminBlock, "what argmin adds: sampler, pruner, storage, retries, resources"),
};

/** A whole sweep file, but for its parameters. */
export const sweep: Shape<ValuesOf<typeof sweepKeys>> = mapping(sweepKeys, {
  of: "a sweep",
  hint: (key) =>
    argminKeys.includes(key)
      ? ` It goes into the block 'argmin': argmin: {${key}: ...}.`
      : Object.hasOwn(elsewhere, key)
        ? ` ${elsewhere[key]}`
        : undefined,
});

const elsewhere: Readonly<Record<string, string>> = {
  trials: "How many runs there are at most is 'run_cap'.",
  count: "How many runs there are at most is 'run_cap'; --count N is for an agent.",
  goal: "It belongs inside of 'metric'.",
  target: "It belongs inside of 'metric'.",
  direction: "It is the 'goal' inside of 'metric'.",
  early_stop: "Did you mean 'early_terminate'?",
  early_stopping: "Did you mean 'early_terminate'?",
  values: "It belongs to one of the 'parameters'.",
};

function samplerHint(given: string): string | undefined {
  return samplerNames.some((name) => name === given)
    ? ` A sampler of argmin goes into the block 'argmin': argmin: {sampler: ${given}}.`
    : undefined;
}

/**
 * The JSON Schema of sweep files, draft 7, for editors. What it cannot say (that min is below max, YAML 1.1, names in macros) only the
 * reader tells.
 */
export function sweepSchema(): JsonObject {
  const { properties, ...rest } = mappingSchema(sweepKeys);
  const whole = { ...anything().schema, ...rest, properties: properties ?? {} };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "argmin sweep",
    description: "A sweep for argmin sweep, in the schema of Weights & Biases with one block more.",
    ...whole,
    required: ["method", "parameters"],
    not: { required: ["metrics"] },
    dependencies: { early_terminate: ["metric"] },
    allOf: [
      whenever({ properties: { method: { const: "bayes" } } }, { required: ["metric"] }),
      whenever(
        { properties: { method: { const: "grid" } } },
        { properties: { parameters: { $ref: "#/definitions/gridParameters" } } },
      ),
      whenever(
        { properties: { method: { const: "custom" } } },
        { properties: { argmin: { type: "object", required: ["sampler"] } }, required: ["argmin"] },
      ),
      whenever(
        { required: ["early_terminate"] },
        { properties: { early_terminate: { anyOf: [{ required: ["max_iter", "s"] }, { required: ["min_iter"] }] } } },
      ),
    ],
    definitions: parameterDefinitions(),
  };
}

/** What holds of whatever meets a condition: an object with a member named `then` would look like a promise. */
function whenever(condition: JsonObject, rule: JsonObject): JsonObject {
  return { anyOf: [{ not: condition }, rule] };
}
