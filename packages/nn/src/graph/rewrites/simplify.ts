import { mapInputs, type Constant, type Graph, type Node } from "../graph.ts";
import type { Value } from "../value.ts";
import { foldConstants } from "./fold-constants.ts";
import { dropExpansions, mergeFactors, mergeNegations, mergeReshapes, mergeTransposes } from "./merge-nodes.ts";
import { dropNoOps } from "./no-ops.ts";
import type { Replacement, Rewrite, RewriteContext } from "./rewrite.ts";

const rewrites: readonly Rewrite[] = [
  foldConstants,
  dropNoOps,
  mergeReshapes,
  mergeTransposes,
  mergeFactors,
  mergeNegations,
  dropExpansions,
];

/**
 * A graph of the same inputs, parameters and outputs and, but for rounding, the same values, with fewer nodes: constants are
 * folded, nodes that do nothing or the same as another are dropped, and so is what no output needs.
 *
 * Sizes are taken as they are: a graph of one example is no longer right for another batch.
 */
export function simplify(graph: Graph): Graph {
  const simplified = dropDead(sweep(graph));
  return simplified.nodes.length < graph.nodes.length ? simplify(simplified) : simplified;
}

/** One pass from the inputs to the outputs. */
function sweep(graph: Graph): Graph {
  const replacements = new Map<Value, Value>();
  const producers = new Map<Value, Node>();
  const constants = new Map<Value, Constant>(graph.constants.map((constant) => [constant.value, constant]));
  const names = new Set(graph.constants.map(({ value }) => value.name));
  const known = new Map<string, Node>();
  const nodes: Node[] = [];
  const context: RewriteContext = {
    producerOf: (value) => producers.get(value),
    constantOf: (value) => constants.get(value),
    constant: (name, { dtype, shape }, data) => {
      let path = `constant/${name}`;
      while (names.has(path)) path += "'";
      names.add(path);
      const value: Value = Object.freeze({ name: path, kind: "constant", dtype, shape });
      constants.set(value, Object.freeze({ value, data }));
      return value;
    },
  };
  const current = (value: Value): Value => replacements.get(value) ?? value;
  for (const original of graph.nodes) {
    const replacement = rewriteFully(withInputs(original, current), context);
    if ("value" in replacement) {
      replacements.set(original.outputs[0], replacement.value);
      continue;
    }
    const { node } = replacement;
    const key = keyOf(node);
    const twin = known.get(key);
    if (twin !== undefined) {
      node.outputs.forEach((output, i) => replacements.set(output, twin.outputs[i]!));
      continue;
    }
    known.set(key, node);
    nodes.push(node);
    for (const output of node.outputs) producers.set(output, node);
  }
  return Object.freeze({
    ...graph,
    constants: Object.freeze([...constants.values()]),
    nodes: Object.freeze(nodes),
    outputs: Object.freeze(graph.outputs.map(({ name, value }) => Object.freeze({ name, value: current(value) }))),
  });
}

/** Applies the rewrites to one node until none has anything to say. */
function rewriteFully(node: Node, context: RewriteContext): Replacement {
  for (const rewrite of rewrites) {
    const replacement = rewrite(node, context);
    if (replacement === undefined) continue;
    return "value" in replacement ? replacement : rewriteFully(replacement.node, context);
  }
  return { node };
}

function withInputs(node: Node, current: (value: Value) => Value): Node {
  return node.inputs.some((input) => current(input) !== input)
    ? Object.freeze({ ...node, inputs: mapInputs(node, current) })
    : node;
}

/** Equal for nodes that compute the same. */
function keyOf({ op, inputs, attributes }: Node): string {
  return JSON.stringify([op, attributes, inputs.map(({ name }) => name)], (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

/** Without the nodes and constants that no output needs. */
function dropDead(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  return Object.freeze({
    ...graph,
    constants: Object.freeze(graph.constants.filter(({ value }) => needed.has(value))),
    nodes: Object.freeze(nodes.toReversed()),
  });
}
