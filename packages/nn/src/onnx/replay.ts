import { ArgminError } from "@argmin/base";
import type { GraphBuilder } from "../graph/builder.ts";
import { sizeOf, type Value } from "../graph/value.ts";
import { normalizeWith } from "../layers/normalize-batch.ts";
import type { ReadNode } from "./read.ts";

/** A node of a file with what goes into it. */
export interface ReplayedNode {
  readonly node: ReadNode;
  readonly builder: GraphBuilder;
  /** By their places; undefined for inputs that are left out, and for lists of whole numbers. */
  readonly inputs: readonly (Value | undefined)[];
  /** The whole numbers of an input that is a constant list of them. */
  readonly list: (place: number) => readonly number[] | undefined;
}

/**
 * Adds a node of an .onnx file to a graph: of the operators that trained networks of images are written with, those alone that argmin
 * has gradients of.
 *
 * @throws ArgminError `graph/unsupported`, naming the node, for another operator or a setting that argmin's has not; `graph/shape` if
 *   its inputs do not fit.
 */
export function replayNode(replayed: ReplayedNode): Value {
  const { node } = replayed;
  const rule = Object.hasOwn(rules, node.op) ? rules[node.op] : undefined;
  if (rule === undefined)
    throw unsupported(node, `is a ${node.op}; there are gradients of ${Object.keys(rules).toSorted().join(", ")}`);
  return rule(new Reader(replayed));
}

/** What a rule reads of a node. */
class Reader {
  readonly op: GraphBuilder["op"];
  readonly builder: GraphBuilder;
  readonly #replayed: ReplayedNode;

  constructor(replayed: ReplayedNode) {
    this.#replayed = replayed;
    this.builder = replayed.builder;
    this.op = replayed.builder.op;
  }

  get inputs(): readonly Value[] {
    return this.#replayed.inputs.map((_, place) => this.input(place));
  }

  input(place: number): Value {
    const value = this.maybe(place);
    if (value === undefined) throw unsupported(this.#replayed.node, `has no input ${place}`);
    return value;
  }

  maybe(place: number): Value | undefined {
    return this.#replayed.inputs[place];
  }

  list(place: number, name: string): readonly number[] | undefined {
    return this.#replayed.list(place) ?? this.integers(name);
  }

  number(name: string, usual: number): number {
    const value = this.#replayed.node.attributes[name];
    return typeof value === "number" ? value : usual;
  }

  text(name: string): string | undefined {
    const value = this.#replayed.node.attributes[name];
    return typeof value === "string" ? value : undefined;
  }

  integers(name: string): readonly number[] | undefined {
    const value = this.#replayed.node.attributes[name];
    return typeof value === "object" ? value : undefined;
  }

  /** @throws ArgminError `graph/unsupported` unless an attribute is what it usually is. */
  only(name: string, usual: number): void {
    const value = this.number(name, usual);
    if (value !== usual) throw unsupported(this.#replayed.node, `has ${name} ${value}; there are gradients with ${usual} only`);
  }

  /** @throws ArgminError `graph/unsupported`. */
  refuse(problem: string): never {
    throw unsupported(this.#replayed.node, problem);
  }

  /** The window of a convolution or a pool over images. */
  window(kernel = this.integers("kernel_shape") ?? []) {
    const padding = this.text("auto_pad") ?? "NOTSET";
    if (padding !== "NOTSET") throw unsupported(this.#replayed.node, `has auto_pad ${padding}; give it the numbers of pads`);
    if (kernel.length !== 2) throw unsupported(this.#replayed.node, "has windows that are not over height and width");
    return {
      kernel_shape: kernel,
      strides: this.integers("strides") ?? [1, 1],
      pads: this.integers("pads") ?? [0, 0, 0, 0],
      dilations: this.integers("dilations") ?? [1, 1],
    };
  }
}

type Rule = (node: Reader) => Value;

const plain = [
  "Identity",
  "Neg",
  "Abs",
  "Exp",
  "Log",
  "Sqrt",
  "Reciprocal",
  "Erf",
  "Relu",
  "Sigmoid",
  "Tanh",
  "Softplus",
  "Softsign",
] as const;
const binary = ["Add", "Sub", "Mul", "Div"] as const;

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(plain.map((name) => [name, (node: Reader) => node.op[name](node.input(0))])),
  ...Object.fromEntries(binary.map((name) => [name, (node: Reader) => node.op[name](node.input(0), node.input(1))])),
  /** As after training. */
  Dropout: (node) => node.input(0),
  Gelu: (node) => node.op.Gelu(node.input(0), node.text("approximate") === "tanh" ? "tanh" : "none"),
  LeakyRelu: (node) => node.op.LeakyRelu(node.input(0), node.number("alpha", 0.01)),
  Elu: (node) => node.op.Elu(node.input(0), node.number("alpha", 1)),
  Selu: (node) => node.op.Selu(node.input(0), node.number("alpha", 1.6732632), node.number("gamma", 1.050701)),
  HardSigmoid: (node) => node.op.HardSigmoid(node.input(0), node.number("alpha", 0.2), node.number("beta", 0.5)),
  Softmax: (node) => node.op.Softmax(node.input(0), node.number("axis", -1)),
  MatMul: (node) => node.op.MatMul(node.input(0), node.input(1)),
  Gemm: (node) =>
    node.op.Gemm(node.input(0), node.input(1), node.maybe(2), {
      alpha: node.number("alpha", 1),
      beta: node.number("beta", 1),
      transA: node.number("transA", 0) === 1,
      transB: node.number("transB", 0) === 1,
    }),
  Conv: (node) => {
    const [x, w, bias] = [node.input(0), node.input(1), node.maybe(2)];
    const attributes = { ...node.window(w.shape.slice(2)), group: node.number("group", 1) };
    return node.builder.add("Conv", bias === undefined ? [x, w] : [x, w, bias], attributes)[0];
  },
  MaxPool: (node) => {
    node.only("ceil_mode", 0);
    const { dilations, ...window } = node.window();
    if (dilations.some((size) => size !== 1)) node.refuse("has dilations");
    return node.builder.add("MaxPool", [node.input(0)], { ...window, indices: false })[0];
  },
  AveragePool: (node) => {
    node.only("ceil_mode", 0);
    const { kernel_shape, strides, pads } = node.window();
    if (pads.some((pad) => pad !== 0)) node.only("count_include_pad", 0);
    return node.builder.add("AveragePool", [node.input(0)], { kernel_shape, strides, pads })[0];
  },
  GlobalAveragePool: (node) => node.op.ReduceMean(node.input(0), { axes: [2, 3], keepdims: true }),
  BatchNormalization: (node) => {
    const [x, gamma, beta, mean, variance] = [0, 1, 2, 3, 4].map((place) => node.input(place));
    const learned = { gamma, beta, epsilon: node.number("epsilon", 1e-5) };
    return normalizeWith(node.builder, x!, { mean: mean!, variance: variance! }, learned);
  },
  ReduceMean: (node) => node.op.ReduceMean(node.input(0), reduction(node)),
  ReduceMax: (node) => node.op.ReduceMax(node.input(0), reduction(node)),
  Concat: (node) => node.op.Concat(node.inputs, node.number("axis", 1)),
  Flatten: (node) => {
    node.only("axis", 1);
    const { shape } = node.input(0);
    return node.op.Reshape(node.input(0), [shape[0]!, sizeOf(shape.slice(1))]);
  },
  Reshape: (node) => node.op.Reshape(node.input(0), shapeOf(node.input(0), node.list(1, "shape") ?? [])),
};

function reduction(node: Reader): { readonly axes?: readonly number[]; readonly keepdims: boolean } {
  const axes = node.list(1, "axes");
  return { ...(axes === undefined ? {} : { axes }), keepdims: node.number("keepdims", 1) === 1 };
}

/** The sizes that a list stands for: -1 is what the others leave, and a first size that is the batch of the file becomes ours. */
function shapeOf({ shape }: Value, wanted: readonly number[]): readonly number[] {
  const sizes = wanted.map((size, axis) => (size === 0 ? (shape[axis] ?? 0) : size));
  const open = sizes.indexOf(-1);
  if (open < 0 && sizeOf(sizes) !== sizeOf(shape)) return sizes.with(0, sizeOf(shape) / sizeOf(sizes.slice(1)));
  return open < 0 ? sizes : sizes.with(open, sizeOf(shape) / sizeOf(sizes.toSpliced(open, 1)));
}

function unsupported({ name, op }: ReadNode, problem: string): ArgminError {
  return new ArgminError("graph/unsupported", `The node ${name || op} ${problem}.`);
}
