import type { ReadModel, ReadNode } from "@argmin/nn";
import type { DrawnShape } from "./network-graph.ts";

/**
 * @file Shapes and arithmetic of the nodes of an .onnx file, as far as they follow from those before. Shapes have the batch axis here;
 * what a rule does not know stays unknown.
 */

type Shapes = ReadonlyMap<string, DrawnShape>;
type Rule = (node: ReadNode, inputs: readonly (DrawnShape | undefined)[], model: ReadModel) => DrawnShape | undefined;

/** The shapes of all values: those that the file gives, and those that follow. */
export function shapesOf(model: ReadModel): Shapes {
  const shapes = new Map<string, DrawnShape>();
  for (const [name, { shape }] of model.constants) shapes.set(name, shape);
  for (const { name, shape } of [...model.values, ...model.inputs, ...model.outputs])
    if (shape !== undefined) shapes.set(name, shape);
  for (const node of model.nodes) {
    const [output] = node.outputs;
    if (output === undefined || shapes.has(output)) continue;
    const rule = rules[node.op] ?? (likeTheirInput.has(node.op) ? largest : undefined);
    const shape = rule?.(
      node,
      node.inputs.map((input) => shapes.get(input)),
      model,
    );
    if (shape !== undefined) shapes.set(output, shape);
  }
  return shapes;
}

/** Floating-point operations of one example; a multiplication with an addition counts as two. Undefined if the shapes are not known. */
export function operationsOf(node: ReadNode, shapes: Shapes): number | undefined {
  const size = (name: string | undefined): number | undefined => sizeOf(shapes.get(name ?? "")?.slice(1));
  const output = size(node.outputs[0]);
  if (output === undefined) return undefined;
  const weights = shapes.get(node.inputs[1] ?? "");
  switch (node.op) {
    case "Conv": {
      const area = sizeOf(weights?.slice(1));
      return area === undefined ? undefined : output * (2 * area + (node.inputs.length > 2 ? 1 : 0));
    }
    case "ConvTranspose": {
      // Each element of its input is multiplied by a kernel for each filter.
      const area = sizeOf(weights?.slice(1));
      const images = size(node.inputs[0]);
      return area === undefined || images === undefined ? undefined : 2 * images * area + (node.inputs.length > 2 ? output : 0);
    }
    case "Gemm":
    case "MatMul": {
      const inner = node.attributes["transB"] === 1 ? weights?.at(-1) : weights?.at(-2);
      return typeof inner === "number" ? output * (2 * inner + (node.inputs.length > 2 ? 1 : 0)) : undefined;
    }
    case "MaxPool":
    case "AveragePool":
      return output * listOf(node, "kernel_shape").reduce((product, side) => product * side, 1);
    case "GlobalAveragePool":
    case "GlobalMaxPool":
    case "ReduceMean":
      return size(node.inputs[0]);
    default:
      return freeOps.has(node.op) ? 0 : output;
  }
}

/** How many elements there are; undefined where a size is open. */
export function sizeOf(shape: DrawnShape | undefined): number | undefined {
  if (shape === undefined) return undefined;
  let product = 1;
  for (const size of shape) {
    if (typeof size !== "number") return undefined;
    product *= size;
  }
  return product;
}

/** They move numbers, and compute nothing. */
const freeOps: ReadonlySet<string> = new Set([
  "Concat",
  "Flatten",
  "Reshape",
  "Transpose",
  "Identity",
  "Dropout",
  "Squeeze",
  "Unsqueeze",
  "Slice",
  "Gather",
  "Pad",
  "Cast",
]);

/** Operators on each element, of one tensor or of several that are stretched to the largest. */
const likeTheirInput: ReadonlySet<string> = new Set(
  (
    "Add Sub Mul Div Sum Max Min Pow Relu Elu Selu Gelu Sigmoid Tanh Softmax LogSoftmax Softplus Softsign LeakyRelu PRelu HardSigmoid " +
    "HardSwish Mish Exp Log Sqrt Abs Neg Clip Erf Identity Dropout Cast BatchNormalization InstanceNormalization LayerNormalization"
  ).split(" "),
);

function largest(_: ReadNode, inputs: readonly (DrawnShape | undefined)[]): DrawnShape | undefined {
  if (inputs[0] === undefined) return undefined;
  const known = inputs.filter((shape) => shape !== undefined);
  // Open sizes count as one: they are those of the batch, and alike.
  const extent = (shape: DrawnShape): number => sizeOf(shape.filter((size) => typeof size === "number")) ?? 0;
  return known.reduce((most, shape) => {
    const isLarger = shape.length > most.length || (shape.length === most.length && extent(shape) > extent(most));
    return isLarger ? shape : most;
  });
}

const windowed: Rule = (node, [images, kernel]) => {
  if (images === undefined) return undefined;
  const sides = node.op === "Conv" ? kernel?.slice(2) : listOf(node, "kernel_shape");
  const channels = node.op === "Conv" ? kernel?.[0] : images[1];
  if (sides === undefined || channels === undefined) return undefined;
  const strides = listOf(node, "strides");
  const pads = listOf(node, "pads");
  const dilations = listOf(node, "dilations");
  const round = node.attributes["ceil_mode"] === 1 ? Math.ceil : Math.floor;
  const padding = node.attributes["auto_pad"];
  const sizes = images.slice(2).map((size, axis): number | undefined => {
    const side = sides[axis];
    if (typeof size !== "number" || typeof side !== "number") return undefined;
    const stride = strides[axis] ?? 1;
    if (padding === "SAME_UPPER" || padding === "SAME_LOWER") return Math.ceil(size / stride);
    const padded = size + (pads[axis] ?? 0) + (pads[axis + sides.length] ?? 0);
    return round((padded - (dilations[axis] ?? 1) * (side - 1) - 1) / stride) + 1;
  });
  return allKnown([images[0]!, channels, ...sizes]);
};

const transposed: Rule = (node, [images, kernel]) => {
  const [, filters, ...sides] = kernel ?? [];
  const groups = node.attributes["group"] ?? 1;
  const isPlain = node.attributes["output_shape"] === undefined && (node.attributes["auto_pad"] ?? "NOTSET") === "NOTSET";
  if (images === undefined || !isPlain || typeof filters !== "number" || typeof groups !== "number") return undefined;
  const [strides, pads, dilations, extra] = ["strides", "pads", "dilations", "output_padding"].map((name) => listOf(node, name));
  const sizes = images.slice(2).map((size, axis): number | undefined => {
    const side = sides[axis];
    if (typeof size !== "number" || typeof side !== "number") return undefined;
    const padded = (pads?.[axis] ?? 0) + (pads?.[axis + sides.length] ?? 0);
    return (strides?.[axis] ?? 1) * (size - 1) + (dilations?.[axis] ?? 1) * (side - 1) + 1 + (extra?.[axis] ?? 0) - padded;
  });
  return allKnown([images[0]!, filters * groups, ...sizes]);
};

const rules: Readonly<Record<string, Rule>> = {
  Conv: windowed,
  ConvTranspose: transposed,
  MaxPool: windowed,
  AveragePool: windowed,
  GlobalAveragePool: (_, [images]) => images?.map((size, axis) => (axis < 2 ? size : 1)),
  GlobalMaxPool: (_, [images]) => images?.map((size, axis) => (axis < 2 ? size : 1)),
  Flatten: (node, [shape]) => {
    const rest = node.attributes["axis"] === undefined || node.attributes["axis"] === 1 ? sizeOf(shape?.slice(1)) : undefined;
    return shape === undefined || rest === undefined ? undefined : [shape[0]!, rest];
  },
  Gemm: (node, [rows, weights]) => {
    const units = weights?.[node.attributes["transB"] === 1 ? 0 : 1];
    return rows === undefined || units === undefined || node.attributes["transA"] === 1 ? undefined : [rows[0]!, units];
  },
  MatMul: (_, [rows, weights]) =>
    rows === undefined || weights === undefined || weights.length < 2 ? undefined : [...rows.slice(0, -1), weights.at(-1)!],
  Concat: (node, inputs) => {
    const [first] = inputs;
    const axis = node.attributes["axis"];
    if (first === undefined || typeof axis !== "number") return undefined;
    const place = axis < 0 ? axis + first.length : axis;
    const sizes = inputs.map((shape) => shape?.[place]);
    let sum = 0;
    for (const size of sizes) {
      if (typeof size !== "number") return undefined;
      sum += size;
    }
    return first.with(place, sum);
  },
  ReduceMean: (node, [shape], { constants }) => {
    const given = listOf(node, "axes");
    const axes = given.length > 0 ? given : (constants.get(node.inputs[1] ?? "")?.integers ?? []);
    if (shape === undefined || axes.length === 0) return undefined;
    const reduced = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
    if (node.attributes["keepdims"] === 0) return shape.filter((_, axis) => !reduced.has(axis));
    return shape.map((size, axis) => (reduced.has(axis) ? 1 : size));
  },
  Transpose: (node, [shape]) => {
    const order = listOf(node, "perm");
    return shape === undefined ? undefined : allKnown(order.map((axis) => shape[axis]));
  },
  Reshape: (node, [shape], { constants }) => {
    const wanted = constants.get(node.inputs[1] ?? "")?.integers ?? [];
    if (shape === undefined || wanted.length === 0) return undefined;
    const kept = wanted.map((size, axis) => (size === 0 ? shape[axis] : size));
    // The batch is open: what is left to be worked out is worked out for one example.
    if (kept[0] === -1 || kept[0] === shape[0]) return allKnown([shape[0], ...filled(kept.slice(1), sizeOf(shape.slice(1)))]);
    return allKnown(filled(kept, sizeOf(shape)));
  },
};

/** Sizes with the one that is -1 worked out from how many elements there are. */
function filled(
  sizes: readonly (number | string | undefined)[],
  elements: number | undefined,
): readonly (number | string | undefined)[] {
  const known = sizeOf(allKnown(sizes.filter((size) => size !== -1)));
  const open = known === undefined || elements === undefined ? undefined : elements / known;
  return sizes.map((size) => (size === -1 ? open : size));
}

function allKnown(sizes: readonly (number | string | undefined)[]): DrawnShape | undefined {
  const known = sizes.filter((size) => size !== undefined);
  return known.length === sizes.length ? known : undefined;
}

/** Whether its second input is a kernel, whose shape begins with two numbers of channels. */
export function hasKernel({ op }: ReadNode): boolean {
  return op === "Conv" || op === "ConvTranspose";
}

/** An attribute that is a list of whole numbers; empty where the node has none. */
export function listOf({ attributes }: ReadNode, name: string): readonly number[] {
  const value = attributes[name];
  return Array.isArray(value) ? value : [];
}
