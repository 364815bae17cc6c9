import type { Attributes, Inputs, OpType } from "./op.ts";
import type { TensorData, Value } from "./value.ts";

/**
 * @file A graph is plain frozen data: nodes in an order in which they can run, and the values at its borders.
 */

/** One operator applied. `isOp` narrows a node of any operator to one of a certain operator. */
export interface Node<K extends OpType = OpType> {
  readonly op: K;
  /** Slashes follow the scopes: `conv1/Conv`. */
  readonly name: string;
  readonly inputs: Inputs<K>;
  readonly attributes: Attributes<K>;
  readonly outputs: readonly [Value, ...Value[]];
}

/** Whether `node` applies the operator `op`. */
export function isOp<K extends OpType>(node: Node, op: K): node is Node<K> {
  return node.op === op;
}

/** A node's inputs with each replaced by `replace`. */
export function mapInputs<K extends OpType>(node: Node<K>, replace: (input: Value) => Value): Inputs<K> {
  const inputs = node.inputs.map(replace);
  if (!isAsMany(inputs, node)) throw new Error(`internal: ${node.name} takes ${node.inputs.length} inputs`);
  return inputs;
}

function isAsMany<K extends OpType>(inputs: readonly Value[], node: Node<K>): inputs is Inputs<K> {
  return inputs.length === node.inputs.length;
}

/** A tensor fixed in the graph. */
export interface Constant {
  readonly value: Value;
  readonly data: TensorData;
}

/** What the graph gives back, under the name it is fetched by. */
export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  /** Tensors held between runs. Their names have dots (`conv1.kernel`) and are the checkpoint's keys and the initializers' names too. */
  readonly parameters: readonly Value[];
  readonly constants: readonly Constant[];
  /** Each node comes after those that make its inputs. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly GraphOutput[];
}
