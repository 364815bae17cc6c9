import type { Rng } from "@argmin/base";
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

/** A tensor held between runs: a weight, or what an optimizer or a normalisation keeps. */
export interface Parameter {
  /** Its name has dots (`conv1.kernel`) and is the checkpoint's key and the initializer's name too. */
  readonly value: Value;
  /** Whether an optimizer changes it. */
  readonly trainable: boolean;
  /** Its first value; `rng` is a stream of this parameter's own. */
  readonly initialize: (rng: Rng) => Float32Array;
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
  readonly parameters: readonly Parameter[];
  readonly constants: readonly Constant[];
  /** Each node comes after those that make its inputs. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly GraphOutput[];
}
