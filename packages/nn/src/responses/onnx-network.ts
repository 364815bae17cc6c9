import { ArgminError } from "@argmin/base";
import { GraphBuilder } from "../graph/builder.ts";
import { isOp, type Node } from "../graph/graph.ts";
import { sizeOf, type Shape, type Value } from "../graph/value.ts";
import { readModel, type ReadConstant, type ReadModel, type ReadNode } from "../onnx/read.ts";
import { replayNode } from "../onnx/replay.ts";
import type { NetworkLayer, TrainedNetwork } from "./network.ts";

/**
 * The network of an .onnx file: its layers are the scopes that node names begin with (`conv1/Conv` and `conv1/Relu` are the layer
 * `conv1`), and the last node of a scope gives the layer's output.
 *
 * @param file - What messages call it.
 * @throws ArgminError `model/invalid` if the bytes are no ONNX model, or one without weights in it or with several inputs or an input
 *   of open size, `graph/unsupported` for an operator without gradients.
 */
export function trainedNetworkOfOnnx(bytes: Uint8Array, file: string): TrainedNetwork {
  const model = readModel(bytes, file);
  const [input, ...others] = model.inputs;
  const inputShape = input?.shape?.slice(1).filter((size) => typeof size === "number" && size > 0);
  if (input === undefined || others.length > 0 || inputShape?.length !== (input.shape?.length ?? 0) - 1) {
    const found = model.inputs.map(({ name, shape }) => `${name} [${shape?.join(", ") ?? "of unknown shape"}]`).join(", ");
    throw new ArgminError(
      "model/invalid",
      `${file} takes ${found || "nothing"}; wanted is a network with one input whose sizes are known but for the batch.`,
    );
  }
  const shape = inputShape.filter((size): size is number => typeof size === "number");
  const weights = new Map([...model.constants].flatMap(([name, constant]) => weightOf(name, constant)));
  const scopes = scopesOf(model.nodes);
  const probe = new GraphBuilder(model.name);
  const values = replay(model, input.name, probe, probe.input("input", "float32", [1, ...shape]), model.nodes, scopes);
  return {
    name: model.name || file,
    inputShape: shape,
    weights,
    layers: layersOf(model, scopes, probe, values),
    emit: (builder, value, layer) => {
      const last = model.nodes.findLastIndex((node) => scopes.get(node) === layer && values.isData(node));
      const nodes = neededFor(model.nodes, last);
      return replay(model, input.name, builder, value, nodes, scopes).of(model.nodes[last]!);
    },
  };
}

/** Names of parameters have dots where those of a file may have slashes. */
function weightName(name: string): string {
  return name.replaceAll("/", ".");
}

function weightOf(name: string, { floats }: ReadConstant): readonly (readonly [string, Float32Array])[] {
  return floats === undefined ? [] : [[weightName(name), floatsOf(floats)]];
}

/** A copy: a file's bytes need not be aligned to four. */
function floatsOf({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array {
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** The values that replayed nodes gave. */
interface Replayed {
  readonly of: (node: ReadNode) => Value;
  /** Whether a node's output depends on the input. */
  readonly isData: (node: ReadNode) => boolean;
}

/** Constants up to this size are written into the graph, where they can be computed with beforehand. */
const SMALL = 16;

function replay(
  { constants }: ReadModel,
  inputName: string,
  builder: GraphBuilder,
  input: Value,
  nodes: readonly ReadNode[],
  scopes: Scopes,
): Replayed {
  const values = new Map<string, Value>([[inputName, input]]);
  const data = new Set([inputName]);
  const valueOf = (name: string): Value | undefined => {
    const known = values.get(name);
    const constant = known === undefined ? constants.get(name) : undefined;
    if (constant?.floats === undefined) return known;
    const { shape, floats } = constant;
    const value =
      sizeOf(shape) <= SMALL ? builder.constant(floatsOf(floats), { shape }) : builder.parameter(weightName(name), shape);
    values.set(name, value);
    return value;
  };
  for (const node of nodes) {
    const inputs = node.inputs.map(valueOf);
    const list = (place: number): readonly number[] | undefined => {
      const integers = constants.get(node.inputs[place] ?? "")?.integers ?? [];
      return integers.length > 0 ? integers : undefined;
    };
    const output = builder.scope(scopes.get(node)!, () => replayNode({ node, builder, inputs, list }));
    const [name = ""] = node.outputs;
    values.set(name, output);
    if (node.inputs.some((from) => data.has(from))) data.add(name);
  }
  return {
    of: ({ outputs: [name = ""] }) => values.get(name)!,
    isData: ({ outputs: [name = ""] }) => data.has(name),
  };
}

/** A node and all that it needs, in order. */
function neededFor(nodes: readonly ReadNode[], last: number): readonly ReadNode[] {
  const needed = new Set<string>(nodes[last]!.inputs);
  const kept = [nodes[last]!];
  for (const node of nodes.slice(0, last).toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
    kept.unshift(node);
  }
  return kept;
}

/** The layer of each node: `block1.conv1` of `block1/conv1/Conv`. */
type Scopes = ReadonlyMap<ReadNode, string>;

/** An activation without a scope belongs to the layer before it; any other node without one is a layer of its own. */
function scopesOf(nodes: readonly ReadNode[]): Scopes {
  const scopes = new Map<ReadNode, string>();
  const producers = new Map<string, ReadNode>();
  for (const node of nodes) {
    const parts = node.name.split("/").filter((part) => part !== "");
    const before = activations.has(node.op) ? producers.get(node.inputs[0] ?? "") : undefined;
    const own = parts.slice(0, -1).join(".");
    scopes.set(node, own || ((before && scopes.get(before)) ?? parts[0] ?? node.op));
    for (const output of node.outputs) producers.set(output, node);
  }
  return scopes;
}

/** Functions that bend: what comes out of them is what a layer says. */
const activations: ReadonlySet<string> = new Set([
  "Relu",
  "Elu",
  "Selu",
  "Gelu",
  "LeakyRelu",
  "HardSigmoid",
  "Sigmoid",
  "Tanh",
  "Softplus",
  "Softsign",
  "Softmax",
  "Exp",
]);
/** Operators of normalization, of maximum pools and of activations. */
const passing: ReadonlySet<string> = new Set([
  ...activations,
  "Add",
  "Sub",
  "Mul",
  "Div",
  "BatchNormalization",
  "Identity",
  "MaxPool",
]);

function layersOf(model: ReadModel, scopes: Scopes, probe: GraphBuilder, values: Replayed): readonly NetworkLayer[] {
  const layers = new Map<string, ReadNode[]>();
  for (const node of model.nodes.filter(values.isData)) {
    const name = scopes.get(node)!;
    const nodes = [...(layers.get(name) ?? []), node];
    // A layer stands where its last node does.
    layers.delete(name);
    layers.set(name, nodes);
  }
  return [...layers].map(([name, nodes]) => {
    const output = values.of(nodes.at(-1)!);
    return {
      name,
      isConvolution: nodes.some(({ op }) => op === "Conv"),
      shape: output.shape.slice(1),
      multiplyAdds: multiplyAdds(probe, output),
      speaksBehind: speakerBehind(name, layers, scopes, model) ?? name,
    };
  });
}

/**
 * The layer of the activation that one without it leads to through normalization, sums and maximum pools alone; else the first of the
 * sums. Maximum pools, because in files that argmin writes an activation stands behind the pool where that makes no difference.
 */
function speakerBehind(
  name: string,
  layers: ReadonlyMap<string, readonly ReadNode[]>,
  scopes: Scopes,
  { nodes, outputs }: ReadModel,
): string | undefined {
  const given = new Set([...layers.values()].flat().flatMap((node) => node.outputs));
  let at = name;
  let sum: string | undefined;
  for (;;) {
    const last = layers.get(at)!.at(-1)!;
    if (activations.has(last.op)) return at;
    const output = last.outputs[0] ?? "";
    const users = new Set(nodes.filter(({ inputs }) => inputs.includes(output)).map((node) => scopes.get(node)!));
    const [next] = users;
    if (next === undefined || users.size > 1 || outputs.some((one) => one.name === output)) return sum;
    const following = layers.get(next)!;
    const own = new Set([output, ...following.flatMap((node) => node.outputs)]);
    const isAlone = following.every(({ inputs }) => inputs.every((input) => own.has(input) || !given.has(input)));
    if (!isAlone && following.every(({ op }) => op === "Add")) sum ??= next;
    else if (!isAlone || following.some(({ op }) => !passing.has(op))) return sum;
    at = next;
  }
}

/** Multiplications with an addition each that lead to a value. */
function multiplyAdds(builder: GraphBuilder, value: Value): number {
  const seen = new Set<Node>();
  const queue = [value];
  let sum = 0;
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const node = builder.producerOf(next);
    if (node === undefined || seen.has(node)) continue;
    seen.add(node);
    sum += costOf(node);
    queue.push(...node.inputs);
  }
  return sum;
}

function costOf(node: Node): number {
  const size = sizeOf(node.outputs[0].shape);
  const perElement = (weight: Shape): number => sizeOf(weight.slice(1));
  if (isOp(node, "Conv")) return size * perElement(node.inputs[1].shape);
  if (isOp(node, "Gemm")) return (size * sizeOf(node.inputs[1].shape)) / node.outputs[0].shape[1]!;
  return isOp(node, "MatMul") ? (size * sizeOf(node.inputs[1].shape)) / node.outputs[0].shape.at(-1)! : 0;
}
