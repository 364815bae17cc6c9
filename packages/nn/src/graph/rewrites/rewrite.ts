import type { Constant, Node } from "../graph.ts";
import type { Attributes, Inputs, OpType } from "../op.ts";
import type { TensorData, TensorType, Value } from "../value.ts";

/** What a rewrite may look at and add. */
export interface RewriteContext {
  /** The node that makes a value, as rewritten so far; undefined for inputs, parameters and constants. */
  readonly producerOf: (value: Value) => Node | undefined;
  readonly constantOf: (value: Value) => Constant | undefined;
  /** A new constant, named after the node whose place it takes. */
  readonly constant: (name: string, type: TensorType, data: TensorData) => Value;
}

/**
 * Looks at one node, whose inputs are rewritten already: undefined leaves it, a node takes its place (with the same outputs), a
 * value stands for its only output.
 */
export type Rewrite = (node: Node, context: RewriteContext) => Replacement | undefined;
export type Replacement = { readonly node: Node } | { readonly value: Value };

/** A node that gives the outputs of another by other means. */
export function instead<K extends OpType>(node: Node, op: K, inputs: Inputs<K>, attributes: Attributes<K>): Replacement {
  const replacement: Node<K> = Object.freeze({ op, name: node.name, inputs, attributes, outputs: node.outputs });
  return { node: replacement };
}

/** The number that a one-element float32 constant holds. */
export function scalarOf(value: Value, { constantOf }: RewriteContext): number | undefined {
  const constant = constantOf(value);
  return constant !== undefined && constant.data.length === 1 && value.dtype === "float32" ? Number(constant.data[0]) : undefined;
}
