import type { GraphBuilder } from "../builder.ts";
import { mapInputs, type Node } from "../graph.ts";
import type { OpType } from "../op.ts";
import type { Value } from "../value.ts";

/**
 * @file What rewrites need that work on a builder, before gradients are taken: they add other nodes for the same value and leave
 * the old ones to `simplify`.
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

/** Adds a node like `node` on other inputs. */
export function repeat<K extends OpType>(builder: GraphBuilder, node: Node<K>, current: (old: Value) => Value): readonly Value[] {
  return inScopeOf(builder, node, () => builder.add(node.op, mapInputs(node, current), node.attributes));
}

/** Builds under the scope that `node` was built under. */
export function inScopeOf<T>(builder: GraphBuilder, node: Node, build: () => T): T {
  const end = node.name.lastIndexOf("/");
  return end < 0 ? build() : builder.scope(node.name.slice(0, end), build);
}
