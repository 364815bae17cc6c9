import { ArgminError } from "@argmin/base";
import type { Constant, Graph, GraphOutput, Node } from "./graph.ts";
import type { Attributes, Inputs, OpType } from "./op.ts";
import { Operators } from "./operators.ts";
import { shapeRules } from "./shapes.ts";
import { targets, type Target } from "./target.ts";
import { allocate, type DataType, type Shape, type TensorData, type TensorType, type Value } from "./value.ts";

/** Numbers for a constant: one for a scalar, or row-major elements. */
export type ConstantData = number | readonly number[] | TensorData;

/**
 * Builds a graph node by node.
 *
 * Scopes give the names: inside `scope("conv1", ...)` a parameter `kernel` is `conv1.kernel` and a `Conv` node `conv1/Conv`.
 * A name asked for twice gets a number (`conv1/Add_2`); a parameter, input or output asked for twice is an error.
 */
export class GraphBuilder {
  readonly name: string;
  readonly target: Target;
  /** One method an operator, named as in ONNX: `builder.op.MatMul(x, w)`. */
  readonly op: Operators;

  readonly #scopes: string[] = [];
  readonly #uses = new Map<string, number>();
  readonly #inputs: Value[] = [];
  readonly #parameters: Value[] = [];
  readonly #constants: Constant[] = [];
  readonly #cachedConstants = new Map<string, Value>();
  readonly #nodes: Node[] = [];
  readonly #outputs: GraphOutput[] = [];
  readonly #producers = new Map<Value, Node>();

  constructor(name: string, target: Target = targets.cpu) {
    this.name = name;
    this.target = target;
    this.op = new Operators(this);
  }

  /** Runs `build` with `name` added to the names of all it makes; a name may hold further slashes. */
  scope<T>(name: string, build: () => T): T {
    this.#scopes.push(name);
    try {
      return build();
    } finally {
      this.#scopes.pop();
    }
  }

  /** The scope as node names show it, without a trailing slash: `block/conv1`; empty outside of all. */
  get scopePath(): string {
    return this.#scopes.join("/");
  }

  /** A tensor fed at each run, under `name` as it stands, whatever the scope. */
  input(name: string, dtype: DataType, shape: Shape): Value {
    const value = this.#value(this.#claim(name, "input"), "input", { dtype, shape });
    this.#inputs.push(value);
    return value;
  }

  /** A float32 tensor held between runs, named by the scope and `name` with dots. */
  parameter(name: string, shape: Shape): Value {
    const path = [...this.#scopes, name].join(".").replaceAll("/", ".");
    const value = this.#value(this.#claim(path, "parameter"), "parameter", { dtype: "float32", shape });
    this.#parameters.push(value);
    return value;
  }

  /**
   * A fixed tensor, copied from `data`. Equal small ones are one value. A shape may be omitted for a scalar and for one axis.
   *
   * @throws ArgminError `graph/shape` for data of another size or array, `value/invalid` for a number that the type cannot hold.
   */
  constant(data: ConstantData, type: { readonly dtype?: DataType; readonly shape?: Shape } = {}): Value {
    const dtype = type.dtype ?? "float32";
    const shape = type.shape ?? (typeof data === "number" ? [] : [data.length]);
    const array = toArray(data, dtype, shape);
    const key = array.length <= 1024 ? `${dtype}[${shape.join()}]${keyOf(array)}` : undefined;
    const cached = key === undefined ? undefined : this.#cachedConstants.get(key);
    if (cached !== undefined) return cached;
    const value = this.#value(this.#unique(`constant/${dtype}`), "constant", { dtype, shape });
    this.#constants.push(Object.freeze({ value, data: array }));
    if (key !== undefined) this.#cachedConstants.set(key, value);
    return value;
  }

  /**
   * Names `value` as a result of the graph, under `name` as it stands.
   *
   * @throws ArgminError `graph/unsupported` if another tensor or output has the name.
   */
  output(name: string, value: Value): void {
    if (this.#outputs.some((output) => output.name === name)) {
      throw new ArgminError("graph/unsupported", `The graph ${this.name} has two outputs named ${name}; rename one.`);
    }
    if (value.kind !== "node" || value.name !== name) this.#claim(name, "output");
    this.#outputs.push(Object.freeze({ name, value }));
  }

  /**
   * Adds a node and returns its outputs. `op` has a friendlier method for each operator.
   *
   * @throws ArgminError `graph/shape`, naming the node, if its inputs do not fit.
   */
  add<K extends OpType>(op: K, inputs: Inputs<K>, attributes: Attributes<K>): readonly [Value, ...Value[]] {
    const name = this.#unique([...this.#scopes, op].join("/"));
    const [first, ...rest] = inferTypes(op, name, inputs, attributes).map((type, i) =>
      this.#value(i === 0 ? name : `${name}:${i}`, "node", type),
    );
    if (first === undefined) throw new Error(`internal: ${op} has no outputs`);
    const outputs = [first, ...rest] as const;
    const node: Node<K> = Object.freeze({ op, name, inputs, attributes, outputs });
    this.#nodes.push(node);
    for (const output of outputs) this.#producers.set(output, node);
    return outputs;
  }

  /** The nodes so far, in order. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** The node that makes `value`; undefined for inputs, parameters and constants. */
  producerOf(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  /** The graph as built so far; the builder may go on. */
  build(): Graph {
    return Object.freeze({
      name: this.name,
      inputs: Object.freeze([...this.#inputs]),
      parameters: Object.freeze([...this.#parameters]),
      constants: Object.freeze([...this.#constants]),
      nodes: Object.freeze([...this.#nodes]),
      outputs: Object.freeze([...this.#outputs]),
    });
  }

  #value(name: string, kind: Value["kind"], { dtype, shape }: TensorType): Value {
    return Object.freeze({ name, kind, dtype, shape: Object.freeze([...shape]) });
  }

  #claim(name: string, what: string): string {
    if (this.#uses.has(name)) {
      throw new ArgminError(
        "graph/unsupported",
        `The graph ${this.name} has two tensors named ${name}; give this ${what} another name.`,
      );
    }
    this.#uses.set(name, 1);
    return name;
  }

  #unique(name: string): string {
    const uses = (this.#uses.get(name) ?? 0) + 1;
    this.#uses.set(name, uses);
    return uses === 1 ? name : this.#unique(`${name}_${uses}`);
  }
}

/** The types of a node's outputs. @throws ArgminError `graph/shape` naming the node. */
export function inferTypes<K extends OpType>(
  op: K,
  name: string,
  inputs: Inputs<K>,
  attributes: Attributes<K>,
): readonly TensorType[] {
  try {
    return shapeRules[op](inputs, attributes);
  } catch (error) {
    if (!(error instanceof ArgminError)) throw error;
    throw new ArgminError(error.code, `${name}: ${error.message}.`, { cause: error });
  }
}

function toArray(data: ConstantData, dtype: DataType, shape: Shape): TensorData {
  const array = allocate({ dtype, shape });
  const numbers = typeof data === "number" ? [data] : data;
  if (numbers.length !== array.length || (ArrayBuffer.isView(data) && data.constructor !== array.constructor)) {
    const given = ArrayBuffer.isView(data) ? `a ${data.constructor.name} of ${data.length}` : numbers.length;
    throw new ArgminError(
      "graph/shape",
      `A constant of ${dtype}[${shape.join(", ")}] wants ${ArrayBuffer.isView(data) ? `a ${array.constructor.name} of ` : ""}${array.length} elements, not ${given}.`,
    );
  }
  if (array instanceof Float32Array && numbers instanceof Float32Array) {
    array.set(numbers);
    return array;
  }
  const { holds, text } = ranges[dtype];
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (typeof number === "bigint" || holds(number)) continue;
    throw new ArgminError("value/invalid", `A constant of ${dtype} holds ${text}, not ${number}; cast the other operand first.`);
  }
  if (array instanceof BigInt64Array) array.set(Array.from(numbers, BigInt));
  else array.set(Array.from(numbers, Number));
  return array;
}

function between(least: number, most: number): { holds: (value: number) => boolean; text: string } {
  return {
    holds: (value) => Number.isInteger(value) && value >= least && value <= most,
    text: `whole numbers from ${least} to ${most}`,
  };
}

/** What a constant of each type may be made of. */
const ranges: { readonly [D in DataType]: { readonly holds: (value: number) => boolean; readonly text: string } } = {
  float32: { holds: (value) => typeof value === "number", text: "numbers" },
  int32: between(-(2 ** 31), 2 ** 31 - 1),
  int64: between(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  uint8: between(0, 255),
  bool: between(0, 1),
};

/** Exact for every value: bytes, not decimals, so -0 and 0 stay apart. */
function keyOf(array: TensorData): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("latin1");
}
