import { isOp, type Graph, type Node } from "../graph/graph.ts";
import type { OpType } from "../graph/op.ts";
import { allocate, type TensorData, type Value } from "../graph/value.ts";
import { onnxForms, type ConstantInput, type OnnxForm } from "./forms.ts";
import { writeModel, type OnnxNode, type OnnxTensor, type OnnxTensorInfo } from "./proto.ts";
import { irVersion, opset } from "./versions.ts";

export interface EncodeOptions {
  /**
   * Values of the parameters by name. Given, they are written into the model as initializers; left out, the parameters are
   * inputs of the model, as training wants them.
   */
  readonly weights?: ReadonlyMap<string, Float32Array>;
  /**
   * Leave the size of the batch open, as `batch`. For graphs whose first axis is the batch from input to output: the first sizes
   * of inputs, outputs and reshaped tensors are taken to be it.
   */
  readonly isBatchOpen?: boolean;
  /** Kept in the file as `metadata_props`, for whoever opens it. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an .onnx model: parameters become inputs, or initializers if their weights are given.
 *
 * Nodes, values and initializers keep their names in the graph; outputs have the names given to `GraphBuilder.output`.
 */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  const constants = new ConstantPool();
  const outputNames = renamedOutputs(graph);
  const nameOf = (value: Value): string => outputNames.get(value) ?? value.name;
  const nodes = graph.nodes.map((node) => encodeNode(options.isBatchOpen ? withOpenBatch(node) : node, nameOf, constants));
  const copies = graph.outputs
    .filter(({ name, value }) => nameOf(value) !== name)
    .map(({ name, value }): OnnxNode => ({ op: "Identity", name, inputs: [nameOf(value)], outputs: [name], attributes: {} }));
  const weights = graph.parameters.flatMap((value): OnnxTensor[] => {
    if (options.weights === undefined) return [];
    const data = options.weights.get(value.name);
    if (data === undefined) throw new Error(`internal: no weights for ${value.name}`);
    return [{ ...typeOf(value), name: value.name, data }];
  });
  const fed = options.weights === undefined ? [...graph.inputs, ...graph.parameters] : graph.inputs;
  return writeModel({
    name: graph.name,
    irVersion,
    opset,
    inputs: fed.map((value) => infoOf(value, value.name, options.isBatchOpen && value.kind === "input")),
    outputs: graph.outputs.map(({ name, value }) => infoOf(value, name, options.isBatchOpen)),
    initializers: [
      ...weights,
      ...graph.constants.map(({ value, data }) => ({ ...typeOf(value), name: value.name, data })),
      ...constants.tensors,
    ],
    nodes: [...nodes, ...copies],
    metadata: options.metadata ?? {},
  });
}

function typeOf({ dtype, shape }: Value): Pick<Value, "dtype" | "shape"> {
  return { dtype, shape };
}

function infoOf({ dtype, shape }: Value, name: string, isBatchOpen = false): OnnxTensorInfo {
  return { name, dtype, shape, isBatchOpen };
}

/** A computed value that is an output is written under the output's name, which saves a copy; a second name costs an Identity. */
function renamedOutputs(graph: Graph): ReadonlyMap<Value, string> {
  const names = new Map<Value, string>();
  for (const { name, value } of graph.outputs) {
    if (value.kind === "node" && !names.has(value)) names.set(value, name);
  }
  return names;
}

/** A size of -1 is worked out at run time. */
function withOpenBatch(node: Node): Node {
  return isOp(node, "Reshape") ? { ...node, attributes: { shape: node.attributes.shape.with(0, -1) } } : node;
}

function encodeNode<K extends OpType>(node: Node<K>, nameOf: (value: Value) => string, constants: ConstantPool): OnnxNode {
  const { attributes, constants: extra }: OnnxForm = onnxForms[node.op](node.attributes);
  const inputs = [
    ...node.inputs.map(nameOf),
    ...extra.map((constant) => (constant === undefined ? "" : constants.nameOf(constant))),
  ];
  return { op: node.op, name: node.name, inputs, outputs: node.outputs.map(nameOf), attributes };
}

/** The small constants that operators want as inputs, each written once. */
class ConstantPool {
  readonly #tensors = new Map<string, OnnxTensor>();

  get tensors(): readonly OnnxTensor[] {
    return [...this.#tensors.values()];
  }

  nameOf({ dtype, shape, data }: ConstantInput): string {
    const name = `constant/${dtype}[${shape.join(",")}](${data.join(",")})`;
    if (!this.#tensors.has(name)) this.#tensors.set(name, { name, dtype, shape, data: fill(dtype, shape, data) });
    return name;
  }
}

function fill(dtype: ConstantInput["dtype"], shape: ConstantInput["shape"], data: readonly number[]): TensorData {
  const array = allocate({ dtype, shape });
  if (array instanceof BigInt64Array) array.set(data.map(BigInt));
  else array.set(data);
  return array;
}
