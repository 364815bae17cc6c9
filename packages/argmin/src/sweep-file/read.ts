import { isArgminError, isJsonObject, listed, type JsonObject, type JsonValue } from "@argmin/base";
import { createPruner, type Direction, type Space } from "@argmin/search";
import type { ArgminBlock, Choice } from "./argmin-block.ts";
import { defaultCommand, type CommandWord } from "./command.ts";
import { sweep, sweepKeys, type SweepMethod } from "./keys.ts";
import { found, member, nodeOfJson, type MapNode, type Node } from "./node.ts";
import { readParameters } from "./parameters.ts";
import { parseText } from "./parse.ts";
import { Remarks } from "./problems.ts";
import { anything, meantBy, type ValuesOf } from "./shape.ts";

/** What is optimized. */
export interface SweepMetric {
  readonly name: string;
  readonly direction: Direction;
  /** The sweep ends as soon as a run is this good. */
  readonly target: number | undefined;
  /** What counts as the value of a run that failed. */
  readonly impute: Imputation;
  /** What counts as the value of a run that is not over; `false`: it has none. */
  readonly imputeWhileRunning: Imputation | false;
}

export type Imputation = "latest" | "best" | "worst";

/** What each run executes. */
export type SweepObjective =
  | { readonly kind: "command"; readonly program: string | undefined; readonly words: readonly CommandWord[] }
  /** A bundled experiment or a TypeScript file, as `argmin run` takes it. */
  | { readonly kind: "experiment"; readonly reference: string };

/** A sweep, read and checked: nobody needs to look at the file again. */
export interface SweepFile {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly project: string | undefined;
  readonly entity: string | undefined;
  readonly method: SweepMethod;
  /** `undefined` if the file does not say what is optimized, which `grid` and `random` do without. */
  readonly metric: SweepMetric | undefined;
  readonly space: Space<JsonValue>;
  /** `undefined` if the file says neither a program nor a command that does without one: then the command line must. */
  readonly objective: SweepObjective | undefined;
  /** How many runs there are at most. */
  readonly runCap: number | undefined;
  /** The sampler that the block `argmin` asks for; `undefined`: the method says. Never `undefined` for `custom`. */
  readonly sampler: Choice | undefined;
  /** `early_terminate`, or what the block `argmin` asks for; `none` if nothing stops runs. */
  readonly pruner: Choice;
  /** What else the block `argmin` says. */
  readonly settings: Omit<ArgminBlock, "experiment" | "sampler" | "pruner">;
  /** The whole sweep as plain data, distributions and their defaults filled in: `readSweepDocument` reads it again. */
  readonly document: JsonObject;
  /** What is ignored, or probably not meant, each as "file:line:column: sentence". */
  readonly warnings: readonly string[];
}

/**
 * Reads a sweep file: any configuration that Weights & Biases takes, in YAML or JSON, and the block `argmin`.
 *
 * @remarks What W&B refuses is refused, with few exceptions that cannot mislead; what it takes works alike, but for what argmin has no
 *   counterpart of (schedulers, several metrics). YAML is read as W&B reads it, see `readPlain`; keys that stand twice in one mapping are
 *   refused.
 * @param file - The name as messages show it; one that ends in .json has JSON's numbers.
 * @throws ArgminError `sweep/invalid`: the first problem by its line, and how many more there are.
 */
export function readSweepFile(text: string, file: string): SweepFile {
  const remarks = new Remarks(file);
  const node = parseText(text, /\.json$/i.test(file) ? "json" : "yaml", remarks);
  return readNode(node, remarks);
}

/**
 * The sweep of a `document`, as a study keeps it.
 *
 * @param what - What the document is, for messages: "the sweep of study 'a'".
 * @throws ArgminError `sweep/invalid`
 */
export function readSweepDocument(document: JsonValue, what: string): SweepFile {
  return readNode(nodeOfJson(document), new Remarks(what));
}

type Values = ValuesOf<typeof sweepKeys>;

function readNode(node: Node | undefined, remarks: Remarks): SweepFile {
  if (node !== undefined && node.kind !== "map")
    remarks.refuse(
      node.place,
      `The file is ${found(node)}; wanted a mapping with ${listed(["method", "metric", "parameters"], "and")}, each followed by ': '.`,
    );
  if (node?.kind !== "map") return refuseAll(remarks);
  const values = sweep.read(node, "", remarks);
  const given = member(node, "method")?.value;
  const method = given?.kind === "text" ? given.value : "";
  const written = member(node, "parameters");
  const isMisspelt = node.entries.some(
    ({ key }) => !Object.hasOwn(sweepKeys, key) && meantBy(key, Object.keys(sweepKeys)) === "parameters",
  );
  if (written === undefined && !isMisspelt)
    remarks.refuse(node.place, "The sweep has no 'parameters'; wanted them: what may vary.");
  const parameters = written && readParameters(written.value, method, remarks);
  if (values !== undefined) checkTogether(node, values, remarks);
  const pruner = values && prunerOf(node, values, remarks);
  remarks.check();
  if (values === undefined || parameters === undefined || pruner === undefined) return refuseAll(remarks);
  const { name, description, project, entity, metric, run_cap: runCap, argmin: block } = values;
  const { experiment: _experiment, sampler, pruner: _pruner, ...settings } = block ?? nothing;
  const objective = objectiveOf(node, values, remarks);
  warnOfIgnored(node, remarks);
  if (metric === undefined)
    remarks.warn(node.place, "The sweep has no 'metric', so that nothing says which of its runs is the best.");
  const { warnings } = remarks;
  const plain = anything().read(node, "", remarks);
  return Object.freeze({
    name,
    description,
    project,
    entity,
    method: values.method,
    metric: metric && {
      name: metric.name,
      direction: metric.goal ?? "minimize",
      target: metric.target,
      impute: metric.impute ?? "worst",
      imputeWhileRunning: imputationOf(metric.impute_while_running),
    },
    space: parameters.space,
    objective,
    runCap,
    sampler,
    pruner,
    settings,
    document: { ...(isJsonObject(plain) ? plain : {}), parameters: parameters.document },
    warnings,
  });
}

function refuseAll(remarks: Remarks): never {
  remarks.check();
  throw new Error("internal: a sweep was not read, but nothing is wrong with it.");
}

const nothing: ArgminBlock = {
  experiment: undefined,
  sampler: undefined,
  pruner: undefined,
  storage: undefined,
  seed: undefined,
  retries: undefined,
  duplicates: undefined,
  workers: undefined,
  timeout: undefined,
  "trial-timeout": undefined,
  "memory-limit": undefined,
  patience: undefined,
};

function imputationOf(given: Imputation | "false" | undefined): Imputation | false {
  return given === undefined || given === "false" ? false : given;
}

/** What keys say of each other. */
function checkTogether(node: MapNode, values: Values, remarks: Remarks): void {
  const { method, metric, scheduler, controller, early_terminate: hyperband, argmin: block } = values;
  const at = (key: string): Node["place"] => member(node, key)?.place ?? node.place;
  if (method === "bayes" && metric === undefined && values.metrics === undefined)
    remarks.refuse(
      node.place,
      "The sweep has no 'metric', which the method bayes needs; wanted it, with the name of what is optimized.",
    );
  if (values.metrics !== undefined)
    remarks.refuse(
      at("metrics"),
      "metrics are several objectives, and argmin optimizes one; wanted 'metric' with the one that counts.",
    );
  if (method === "custom" && block?.sampler === undefined)
    remarks.refuse(
      member(node, "method")?.value.place ?? node.place,
      "method is custom, which leaves the search to a scheduler of your own; wanted bayes, grid or random, or a sampler of argmin: argmin: {sampler: tpe}.",
    );
  if (scheduler !== undefined) {
    if (scheduler.engine !== "wandb")
      remarks.refuse(
        at("scheduler"),
        `scheduler.engine is ${scheduler.engine}, which neither argmin nor W&B's open engine runs; wanted no 'scheduler', and a sampler in the block 'argmin'.`,
      );
    if (method === "custom")
      remarks.refuse(
        at("scheduler"),
        "scheduler is given for the method custom, which its engine wandb does not take; wanted bayes, grid or random.",
      );
    if (hyperband !== undefined)
      remarks.refuse(
        at("early_terminate"),
        "early_terminate stands beside 'scheduler', which would have to stop runs itself; wanted one of them.",
      );
    if (controller?.type === "local")
      remarks.refuse(at("controller"), "controller is local and stands beside 'scheduler'; wanted one of them.");
    if (scheduler.source === undefined && (scheduler.optimizer !== undefined || scheduler.search_space !== undefined))
      remarks.refuse(at("scheduler"), "scheduler names a function but has no 'source'; wanted the file that it is in.");
  }
}

/** What stops runs early. */
function prunerOf(node: MapNode, values: Values, remarks: Remarks): Choice | undefined {
  const { early_terminate: hyperband, metric, argmin: block } = values;
  const entry = member(node, "early_terminate");
  if (hyperband === undefined || entry === undefined) return block?.pruner ?? { name: "none", settings: {} };
  const refuse = (text: string, key = ""): undefined => {
    const place = entry.value.kind === "map" ? member(entry.value, key)?.value.place : undefined;
    remarks.refuse(place ?? entry.place, text);
    return undefined;
  };
  if (metric === undefined) return refuse("early_terminate has no metric to judge runs by; wanted 'metric' with its name.");
  if (block?.pruner !== undefined)
    return refuse("early_terminate and the 'pruner' of the block 'argmin' both stop runs; wanted one of them.");
  const { min_iter: first, max_iter: last, s: bands } = hyperband;
  if (first === undefined && (last === undefined || bands === undefined)) {
    const lacks =
      last !== undefined
        ? "has 'max_iter' but no 's'"
        : bands === undefined
          ? "does not say at which bands"
          : "has 's' but no 'max_iter'";
    return refuse(`early_terminate ${lacks}; wanted 'min_iter', or 'max_iter' and 's'.`);
  }
  if (last !== undefined && bands === undefined)
    return refuse(
      "early_terminate has 'max_iter', which then counts in place of 'min_iter', but no 's'; wanted 's', or no 'max_iter'.",
    );
  if (last !== undefined && (bands === undefined || !Number.isInteger(bands) || bands < 1))
    return refuse(`early_terminate.s is ${bands}; wanted how many bands there are, a whole number from 1 on.`, "s");
  if (last !== undefined && last / (hyperband.eta ?? 3) < 1)
    return refuse(
      `early_terminate.max_iter is ${last}, below which there is no band at ${last} / ${hyperband.eta ?? 3} reports; wanted more, or a smaller 'eta'.`,
      "max_iter",
    );
  const { type: _type, ...given } = hyperband;
  const settings = Object.fromEntries(
    Object.entries(given).filter(
      (setting): setting is [string, number | boolean] => setting[1] !== undefined && (setting[0] !== "s" || last !== undefined),
    ),
  );
  const choice: Choice = { name: "wandb-hyperband", settings: { eta: 3, strict: true, ...settings } };
  try {
    createPruner(choice.name, choice.settings);
    return choice;
  } catch (error) {
    if (!isArgminError(error)) throw error;
    return refuse(`early_terminate cannot be used: ${error.message}`);
  }
}

function objectiveOf(node: MapNode, { program, command, argmin: block }: Values, remarks: Remarks): SweepObjective | undefined {
  if (block?.experiment !== undefined) {
    for (const key of ["program", "command"]) {
      const entry = member(node, key);
      if (entry !== undefined) remarks.warn(entry.place, `${key} is ignored, for the block 'argmin' names an experiment.`);
    }
    return { kind: "experiment", reference: block.experiment };
  }
  const words = command === undefined || command.length === 0 ? defaultCommand : command;
  const needsProgram = words.some((word) => word.kind === "macro" && word.macro === "program");
  return program === undefined && needsProgram ? undefined : { kind: "command", program, words };
}

const ignored: Readonly<Record<string, string>> = {
  controller: "argmin plans the runs itself",
  scheduler: "argmin plans the runs itself",
  job: "argmin runs the program on its own machines",
  image_uri: "argmin runs the program on its own machines",
};

function warnOfIgnored(node: MapNode, remarks: Remarks): void {
  for (const { key, place } of node.entries) {
    const reason = Object.hasOwn(ignored, key) ? ignored[key] : undefined;
    if (reason !== undefined) remarks.warn(place, `${key} is ignored: ${reason}.`);
  }
}
