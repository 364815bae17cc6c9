import { isArgminError, listed, type JsonObject, type JsonValue } from "@argmin/base";
import { compileSpace, spaceFromJson, type Space, type SpaceDefinition } from "@argmin/search";
import {
  distributionNames,
  distributions,
  distributionWord,
  filled,
  gridDistributions,
  type DistributionEntry,
  type DistributionName,
  type Meaning,
} from "./distributions.ts";
import { member, type Entry, type MapNode, type Node, type Place } from "./node.ts";
import type { Remarks } from "./problems.ts";
import { join, likeliest, refuse } from "./shape.ts";

/** The parameters of a sweep, read. */
export interface Parameters {
  readonly space: Space<JsonValue>;
  /** As the file has them, with every distribution and default filled in. */
  readonly document: JsonObject;
}

/** One parameter, or a mapping of further ones. */
type Parameter = { readonly name: string; readonly place: Place; readonly path: string } & (
  | { readonly kind: "leaf"; readonly distribution: DistributionName; readonly meaning: Meaning; readonly document: JsonObject }
  | { readonly kind: "nested"; readonly inside: readonly Parameter[] }
);

type Leaf = Parameter & { readonly kind: "leaf" };

/** What a parameter may be called. */
export const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * The space of a sweep's `parameters`, in the order of the file, or for a grid by name, as W&B walks it; its labels are the names,
 * those of nested ones joined by dots (by slashes where that is the name of another parameter).
 *
 * @param method - The sweep's; of a grid, values must have an end, and a Bayesian search needs something to search.
 * @returns `undefined` if something is refused; `remarks` then says what.
 */
export function readParameters(node: Node, method: string, remarks: Remarks): Parameters | undefined {
  const parameters = readLevel(node, "parameters", remarks);
  if (parameters === undefined) return undefined;
  const leaves = leavesOf(parameters);
  for (const leaf of leaves) {
    if (method === "grid") checkGrid(leaf, remarks);
    warnOfTraps(leaf, method === "grid", remarks);
  }
  if (method === "bayes" && leaves.every(({ meaning }) => meaning.isConstant === true))
    remarks.refuse(node.place, "parameters are all constants; wanted at least one to search for the method bayes.");
  const taken = new Map<string, number>();
  for (const name of namesOf(parameters, "")) taken.set(name, (taken.get(name) ?? 0) + 1);
  const options: Building = { isGrid: method === "grid", isShared: (name) => (taken.get(name) ?? 0) > 1, remarks };
  const definition = definitionOf(parameters, [], options);
  if (remarks.hasProblems) return undefined;
  return { space: spaceFromJson(compileSpace(definition).toJson()), document: documentOf(parameters) };
}

function readLevel(node: Node, path: string, remarks: Remarks): readonly Parameter[] | undefined {
  if (node.kind !== "map") return refuse(remarks, node, path, "a mapping of parameters, each with its values or its range");
  if (node.entries.length === 0) return refuse(remarks, node, path, "at least one parameter");
  const parameters = node.entries.map((entry) => readParameter(entry, path, remarks));
  const known = parameters.filter((parameter) => parameter !== undefined);
  return known.length === parameters.length ? known : undefined;
}

function readParameter({ key: name, place, value: node }: Entry, above: string, remarks: Remarks): Parameter | undefined {
  const path = join(above, name);
  if (!namePattern.test(name) || name === "__proto__") {
    remarks.refuse(place, `${path} is no name of a parameter; wanted letters, digits, '_', '.' and '-', a letter or '_' first.`);
    return undefined;
  }
  if (node.kind !== "map") {
    const wayOut =
      node.kind === "list"
        ? "'values: [...]'"
        : node.kind === "null"
          ? "'values: [...]', 'value: ...' or 'min:' and 'max:'"
          : "'value: ...' for a constant";
    return refuse(remarks, node, path, `a mapping: ${wayOut} inside of it`);
  }
  const nested = member(node, "parameters");
  if (nested !== undefined) {
    const other = node.entries.find(({ key }) => key !== "parameters");
    if (other !== undefined)
      remarks.refuse(
        other.place,
        `${join(path, other.key)} stands beside 'parameters'; wanted 'parameters' alone, which nests further parameters.`,
      );
    const inside = readLevel(nested.value, join(path, "parameters"), remarks);
    return inside && other === undefined ? { kind: "nested", name, place, path, inside } : undefined;
  }
  const distribution = distributionIn(node, path, remarks);
  return distribution && readLeaf({ name, place, path }, node, { distribution, remarks });
}

/** The distribution that a parameter names, or the one that W&B infers of its keys. */
function distributionIn(node: MapNode, path: string, remarks: Remarks): DistributionName | undefined {
  const given = member(node, "distribution");
  if (given !== undefined) return distributionWord.read(given.value, join(path, "distribution"), remarks);
  const has = (key: string): boolean => member(node, key) !== undefined;
  const inferred = inferredBy(node, has);
  if (inferred !== undefined) {
    const keys: readonly string[] = Object.keys(distributions[inferred].keys);
    const stranger = node.entries.find(({ key }) => !keys.includes(key));
    const fitting = distributionNames.filter((name) =>
      node.entries.every(({ key }) => Object.hasOwn(distributions[name].keys, key)),
    );
    if (stranger === undefined || fitting.length === 0) return inferred;
    remarks.refuse(
      stranger.place,
      `${join(path, stranger.key)} needs to know its distribution; wanted 'distribution:' with ${listed(fitting, "or")}.`,
    );
    return undefined;
  }
  const fitting = distributionNames.filter((name) =>
    node.entries.some(({ key }) => Object.hasOwn(distributions[name].keys, key)),
  );
  const lone = has("min") !== has("max") ? (has("min") ? "max" : "min") : undefined;
  const missing =
    lone !== undefined
      ? `wanted '${lone}' as well`
      : has("probabilities")
        ? "wanted 'values' as well"
        : fitting.length > 0
          ? `wanted 'distribution:' with ${listed(fitting, "or")}`
          : "wanted 'values', 'value', 'min' and 'max', 'distribution' or 'parameters'";
  const unknown = node.entries.find(({ key }) => !allKeys.includes(key));
  if (unknown === undefined) return refuse(remarks, node, path, missing.replace(/^wanted /, ""));
  const near = likeliest(unknown.key, lone === undefined ? allKeys.filter((key) => !has(key)) : [lone]);
  remarks.refuse(unknown.place, `${join(path, unknown.key)} is no key of a parameter; ${missing}.${near}`);
  return undefined;
}

function inferredBy(node: MapNode, has: (key: string) => boolean): DistributionName | undefined {
  if (has("values")) return has("probabilities") ? "categorical_w_probabilities" : "categorical";
  if (has("value")) return "constant";
  if (!has("min") || !has("max")) return undefined;
  const isWhole = (key: string): boolean => member(node, key)?.value.kind === "integer";
  return isWhole("min") && isWhole("max") ? "int_uniform" : "uniform";
}

const allKeys: readonly string[] = [
  ...new Set(["distribution", "parameters", ...distributionNames.flatMap((name) => Object.keys(distributions[name].keys))]),
];

type Named = { readonly name: string; readonly place: Place; readonly path: string };

function readLeaf(
  named: Named,
  node: MapNode,
  { distribution, remarks }: { readonly distribution: DistributionName; readonly remarks: Remarks },
): Parameter | undefined {
  const { path } = named;
  const entry: DistributionEntry = distributions[distribution];
  const { keys } = entry;
  const values: Record<string, unknown> = {};
  const missingKeys = Object.keys(keys).filter((key) => member(node, key) === undefined);
  let isComplete = true;
  for (const { key, place } of node.entries) {
    if (key === "distribution" || Object.hasOwn(keys, key)) continue;
    isComplete = false;
    remarks.refuse(
      place,
      `${join(path, key)} is no key of ${distribution}, which takes ${listed(Object.keys(keys), "and")}.${likeliest(key, missingKeys)}`,
    );
  }
  for (const [key, { shape, summary, isRequired }] of Object.entries(keys)) {
    const given = member(node, key);
    if (given !== undefined) values[key] = shape.read(given.value, join(path, key), remarks);
    else if (isRequired)
      remarks.refuse(node.place, `${path} has no '${key}', which ${distribution} needs; wanted it: ${summary}.`);
    if ((given !== undefined || isRequired) && values[key] === undefined) isComplete = false;
  }
  if (!isComplete) return undefined;
  const meaning = entry.mean(values, (key, text) =>
    remarks.refuse(member(node, key)?.value.place ?? node.place, `${join(path, key)} ${text}`),
  );
  if (meaning === undefined || !canBeSearched(named, meaning, remarks)) return undefined;
  const given = Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
  return { ...named, kind: "leaf", distribution, meaning, document: { distribution, ...filled(keys, given) } };
}

/** Whether argmin takes the distribution with these numbers. */
function canBeSearched({ path, place }: Named, meaning: Meaning, remarks: Remarks): boolean {
  try {
    compileSpace({ value: meaning.definition("value") });
    return true;
  } catch (error) {
    if (!isArgminError(error)) throw error;
    remarks.refuse(place, `${path} cannot be searched: ${error.message.replace(/^'value': /, "")}`);
    return false;
  }
}

/** What is allowed, but seldom meant. */
function warnOfTraps({ path, place, distribution, document: { min, max, q } }: Leaf, isGrid: boolean, remarks: Remarks): void {
  if (typeof min !== "number" || typeof max !== "number") return;
  if (distribution === "log_uniform" || distribution === "q_log_uniform" || distribution === "inv_log_uniform") {
    const ends = distribution === "inv_log_uniform" ? [-max, -min] : [min, max];
    const [low, high] = ends.map((end) => Number(Math.exp(end).toPrecision(3)));
    remarks.warn(
      place,
      `${path} draws from ${low} to ${high}: min and max of ${distribution} are natural logarithms; ${distribution}_values takes the bounds themselves.`,
    );
  }
  if (!isGrid && distribution === "q_uniform" && typeof q === "number") {
    const low = Math.round(min / q) * q;
    const high = Math.round(max / q) * q;
    if (low < min - q * 1e-9 || high > max + q * 1e-9)
      remarks.warn(
        place,
        `${path} draws from ${low} to ${high}, beyond its bounds, which are no multiples of q; so it does at Weights & Biases.`,
      );
  }
}

function leavesOf(parameters: readonly Parameter[]): readonly Leaf[] {
  return parameters.flatMap((parameter) => (parameter.kind === "leaf" ? [parameter] : leavesOf(parameter.inside)));
}

function checkGrid({ path, place, distribution, meaning }: Leaf, remarks: Remarks): void {
  if (meaning.grid !== undefined) return;
  remarks.refuse(
    place,
    `${path} is ${distribution}, which a grid cannot walk through; wanted ${listed(gridDistributions, "or")} for the method grid.`,
  );
}

type Building = { readonly isGrid: boolean; readonly isShared: (name: string) => boolean; readonly remarks: Remarks };

function definitionOf(
  parameters: readonly Parameter[],
  above: readonly string[],
  building: Building,
): { [name: string]: SpaceDefinition } {
  const { isGrid, isShared } = building;
  const ordered = isGrid ? parameters.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : parameters;
  return Object.fromEntries(
    ordered.map((parameter) => {
      const names = [...above, parameter.name];
      if (parameter.kind === "nested") return [parameter.name, definitionOf(parameter.inside, names, building)];
      const label = names.length > 1 && isShared(names.join(".")) ? names.join("/") : names.join(".");
      const { definition, grid } = parameter.meaning;
      return [parameter.name, (isGrid ? (grid ?? definition) : definition)(label)];
    }),
  );
}

function namesOf(parameters: readonly Parameter[], above: string): readonly string[] {
  return parameters.flatMap((parameter) => {
    const name = join(above, parameter.name);
    return parameter.kind === "nested" ? [name, ...namesOf(parameter.inside, name)] : [name];
  });
}

function documentOf(parameters: readonly Parameter[]): JsonObject {
  return Object.fromEntries(
    parameters.map((parameter) => [
      parameter.name,
      parameter.kind === "leaf" ? parameter.document : { parameters: documentOf(parameter.inside) },
    ]),
  );
}
