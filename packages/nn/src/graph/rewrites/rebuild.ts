import { GraphBuilder } from "../builder.ts";
import { mapInputs, type Graph, type Node } from "../graph.ts";
import type { OpType } from "../op.ts";
import type { Value } from "../value.ts";

/**
 * @file What rewrites need. Those that work on a builder, before gradients are taken, add other nodes for the same value and leave
 * the old ones to `simplify`; those that work on a whole graph build another one.
 */

/** The nodes that `values` depend on, in order. */
export function ancestors(builder: GraphBuilder, values: readonly Value[]): readonly Node[] {
  const needed = new Set(values);
  const found = builder.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  return found.toReversed();
}

/** How many inputs of `nodes` each value is; one that is wanted itself has a use more. */
export function countUses(nodes: readonly Node[], wanted: readonly Value[]): ReadonlyMap<Value, number> {
  const uses = new Map<Value, number>();
  for (const value of [...nodes.flatMap(({ inputs }) => inputs), ...wanted]) uses.set(value, (uses.get(value) ?? 0) + 1);
  return uses;
}

/** A builder of a graph with the inputs, parameters and constants of `graph`, and by which of its values each old one is known. */
export function beginLike(graph: Graph): { readonly builder: GraphBuilder; readonly values: Map<Value, Value> } {
  const builder = new GraphBuilder(graph.name);
  const values = new Map<Value, Value>();
  for (const value of graph.inputs) values.set(value, builder.input(value.name, value.dtype, value.shape));
  for (const value of graph.parameters) values.set(value, builder.parameter(value.name, value.shape));
  for (const { value, data } of graph.constants) values.set(value, builder.constant(data, value));
  return { builder, values };
}

/**
 * The same graph with other nodes in place of some.
 *
 * @param emit - Adds what gives a node's outputs from what its inputs are now; undefined if the node is well as it is.
 */
export function replaceNodes(
  graph: Graph,
  emit: (builder: GraphBuilder, node: Node, current: (old: Value) => Value) => readonly Value[] | undefined,
): Graph {
  const { builder, values } = beginLike(graph);
  const current = (value: Value): Value => values.get(value)!;
  for (const node of graph.nodes) {
    const outputs = inScopeOf(builder, node, () => emit(builder, node, current)) ?? repeat(builder, node, current);
    node.outputs.forEach((output, i) => values.set(output, outputs[i]!));
  }
  for (const { name, value } of graph.outputs) builder.output(name, current(value));
  return builder.build();
}

/** Adds a node like `node` on other inputs. */
export function repeat<K extends OpType>(builder: GraphBuilder, node: Node<K>, current: (old: Value) => Value): readonly Value[] {
  return inScopeOf(builder, node, () => builder.add(node.op, mapInputs(node, current), node.attributes));
}

/** Builds under the scope that `node` was built under. */
export function inScopeOf<T>(builder: GraphBuilder, node: Node, build: () => T): T {
  const end = node.name.lastIndexOf("/");
  return end < 0 ? build() : builder.scope(node.name.slice(0, end), build);
}
