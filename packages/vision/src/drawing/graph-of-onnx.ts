import { readModel, type ReadModel, type ReadNode } from "@argmin/nn";
import type { Category, DrawnShape, NetworkGraph, NetworkNode } from "./network-graph.ts";
import { hasKernel, listOf, operationsOf, shapesOf, sizeOf } from "./onnx-shapes.ts";
import { windowText } from "./words.ts";

/**
 * The network of an .onnx file as it is drawn: nodes that only compute constants are left out, and nodes of one scope
 * (`conv1/Conv`, `conv1/Relu`) that follow one another are one.
 *
 * @param file - What messages and the drawing call it.
 * @throws ArgminError `model/invalid` if the bytes are no ONNX model, or one without nodes.
 */
export function graphOfOnnx(bytes: Uint8Array, file: string): NetworkGraph {
  const model = readModel(bytes, file);
  const shapes = shapesOf(model);
  const constants = new Constants(model);
  const places = new Map<string, number>();
  const nodes: NetworkNode[] = model.inputs.map(({ name, shape }, index) => {
    places.set(name, index);
    return {
      ...end,
      name,
      title: model.inputs.length === 1 ? "Input" : `Input ${name}`,
      category: "input",
      shape: exampleOf(shape),
    };
  });
  const users = userCounts(model);
  for (const node of model.nodes.filter(({ outputs }) => !outputs.every((output) => constants.has(output)))) {
    const from = [...new Set(node.inputs.flatMap((input) => places.get(input) ?? []))];
    const drawn: NetworkNode = {
      ...wordsOf(node, from.length, shapes),
      name: scopeOf(node.name) || node.name.replace(/^\/+/, "") || node.op,
      notes: [],
      shape: exampleOf(shapes.get(node.outputs[0] ?? "")),
      parameters: constants.count(node.inputs),
      flops: operationsOf(node, shapes),
      from,
      layers: 1,
    };
    const [only] = from;
    const before = only === undefined ? undefined : nodes[only]!;
    const isPart =
      before !== undefined &&
      from.length === 1 &&
      before.name === drawn.name &&
      before.layers > 0 &&
      hasOneUser(node, model, users);
    if (isPart) nodes[only!] = merged(before, drawn);
    else nodes.push(drawn);
    for (const output of node.outputs) places.set(output, isPart ? only! : nodes.length - 1);
  }
  const outputs = model.outputs.map(({ name, shape }): NetworkNode => ({
    ...end,
    name,
    title: model.outputs.length === 1 ? "Output" : `Output ${name}`,
    category: "output",
    shape: exampleOf(shape),
    from: [places.get(name) ?? []].flat(),
  }));
  return { name: model.name || file, nodes: [...nodes, ...outputs] };
}

const end = { notes: [], parameters: 0, flops: 0, from: [], layers: 0 } as const;

/** Without the batch axis. */
function exampleOf(shape: DrawnShape | undefined): DrawnShape | undefined {
  return shape?.slice(1);
}

/** `block1/conv1` of `/block1/conv1/Conv`, and `layer1.0/conv1` of `/layer1/layer1.0/conv1/Conv`, which says layer1 twice. */
function scopeOf(name: string): string {
  const parts = name.split("/").slice(0, -1);
  return parts.filter((part, i) => part !== "" && !(parts[i + 1] ?? "").startsWith(`${part}.`)).join("/");
}

function userCounts({ nodes, outputs }: ReadModel): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const used = [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name)];
  for (const name of used) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Whether nobody else takes what this node takes from another node. */
function hasOneUser(node: ReadNode, { constants }: ReadModel, users: ReadonlyMap<string, number>): boolean {
  return node.inputs.every((input) => constants.has(input) || users.get(input) === 1);
}

function merged(first: NetworkNode, second: NetworkNode): NetworkNode {
  const known = together[`${first.title}, ${second.title}`];
  return {
    ...first,
    ...(known ?? { title: `${first.title}, ${second.title.toLowerCase()}` }),
    shape: second.shape,
    parameters: first.parameters + second.parameters,
    flops: first.flops === undefined || second.flops === undefined ? undefined : first.flops + second.flops,
  };
}

/** What two operators on one tensor, one after the other, amount to. */
const together: Readonly<Record<string, Pick<NetworkNode, "title" | "category">>> = {
  "Scale, Shift": { title: "Scale and shift", category: "normalization" },
  "Matrix product, Shift": { title: "Dense", category: "dense" },
};

/** What batch normalization keeps without learning it, as argmin, Keras and PyTorch call it. */
const statistics = /[._/](moving|running)_?(mean|variance|var)$/i;

/** The values that do not depend on the network's inputs, and the weights that each is made of. */
class Constants {
  readonly #weights = new Map<string, readonly string[]>();
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #counted = new Set<string>();

  constructor({ constants, nodes }: ReadModel) {
    this.#sizes = new Map(
      [...constants].map(([name, { shape, isFloat }]) => {
        const isLearned = isFloat && shape.length > 0 && !statistics.test(name);
        return [name, isLearned ? (sizeOf(shape) ?? 0) : 0];
      }),
    );
    for (const name of constants.keys()) this.#weights.set(name, [name]);
    for (const { inputs, outputs } of nodes) {
      const given = inputs.filter((input) => input !== "");
      if (!given.every((input) => this.has(input))) continue;
      for (const output of outputs)
        this.#weights.set(
          output,
          given.flatMap((input) => this.#weights.get(input)!),
        );
    }
  }

  has(name: string): boolean {
    return this.#weights.has(name);
  }

  /** How many numbers there are in the weights behind these values, each weight counted the first time it is asked for. */
  count(names: readonly string[]): number {
    let sum = 0;
    for (const weight of names.flatMap((name) => this.#weights.get(name) ?? [])) {
      if (this.#counted.has(weight)) continue;
      this.#counted.add(weight);
      sum += this.#sizes.get(weight) ?? 0;
    }
    return sum;
  }
}

function wordsOf(
  node: ReadNode,
  inputs: number,
  shapes: ReadonlyMap<string, DrawnShape>,
): Pick<NetworkNode, "title" | "category"> {
  const known = (inputs < 2 ? withConstants[node.op] : undefined) ?? operators[node.op];
  if (known === undefined) {
    const isActivation = activations.has(node.op);
    return { title: node.op, category: isActivation ? "activation" : "other" };
  }
  const window = windowOf(node, shapes);
  return { ...known, title: window === undefined ? known.title : `${known.title} ${window}` };
}

function windowOf(node: ReadNode, shapes: ReadonlyMap<string, DrawnShape>): string | undefined {
  const kernel = hasKernel(node) ? shapes.get(node.inputs[1] ?? "")?.slice(2) : listOf(node, "kernel_shape");
  const size = kernel?.filter((side) => typeof side === "number") ?? [];
  if (size.length === 0) return undefined;
  const ones = size.map(() => 1);
  const strides = listOf(node, "strides");
  return windowText(size, strides.length === 0 ? ones : strides, hasKernel(node) ? ones : size);
}

const activations: ReadonlySet<string> = new Set(
  "Relu Elu Selu Gelu Sigmoid Tanh Softmax LogSoftmax Softplus Softsign LeakyRelu PRelu HardSigmoid HardSwish Mish Clip".split(
    " ",
  ),
);

/** Of one tensor and constants. */
const withConstants: Readonly<Record<string, { readonly title: string; readonly category: Category }>> = {
  Add: { title: "Shift", category: "other" },
  Mul: { title: "Scale", category: "other" },
};

const operators: Readonly<Record<string, { readonly title: string; readonly category: Category }>> = {
  Conv: { title: "Convolution", category: "convolution" },
  ConvTranspose: { title: "Transposed convolution", category: "convolution" },
  Gemm: { title: "Dense", category: "dense" },
  MatMul: { title: "Matrix product", category: "dense" },
  BatchNormalization: { title: "Batch norm", category: "normalization" },
  InstanceNormalization: { title: "Instance norm", category: "normalization" },
  LayerNormalization: { title: "Layer norm", category: "normalization" },
  MaxPool: { title: "Max pooling", category: "pooling" },
  AveragePool: { title: "Average pooling", category: "pooling" },
  GlobalMaxPool: { title: "Global max pooling", category: "pooling" },
  GlobalAveragePool: { title: "Global average pooling", category: "pooling" },
  Add: { title: "Sum", category: "merge" },
  Sum: { title: "Sum", category: "merge" },
  Mul: { title: "Product", category: "merge" },
  Concat: { title: "Concatenation", category: "merge" },
  Dropout: { title: "Dropout", category: "dropout" },
  ReduceMean: { title: "Mean", category: "pooling" },
};
