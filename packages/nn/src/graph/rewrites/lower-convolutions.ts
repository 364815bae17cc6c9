import type { GraphBuilder } from "../builder.ts";
import { isOp, mapInputs, type Node } from "../graph.ts";
import type { OpType } from "../op.ts";
import { imageSizes, sizeOf, type Value } from "../value.ts";
import { ancestors, countUses, inScopeOf, repeat } from "./rebuild.ts";

/**
 * @file Convolutions of few channels that end in a 2 x 2 max pool, written so that they train about 1.5 times as fast.
 *
 * A product of matrices 8 rows high leaves most of a vector unit idle. So each 2 x 2 block of pixels becomes four channels of one
 * pixel ("space to depth"), from the images to the pool: a convolution of C channels to F filters with k x k kernels becomes one of
 * 4C to 4F with (k + 1) / 2 on a quarter of the pixels, and the pool the maximum of four groups of channels. It multiplies
 * ((k + 1) / k)² times as often and gathers half as much. Measured: bench/NOTES.md.
 */

/** With more pairs of a channel and a filter the plain form is as fast: its products are high enough. */
const MOST_PAIRS = 256;

/** Of the zeros that come between a deep kernel's elements: with more multiplications for one of the plain form nothing is won. */
const MOST_GROWTH = 2;

/**
 * The same values, computed by new nodes where a faster form is known, by the old ones elsewhere.
 *
 * For forward passes: take gradients of the result. Nodes that it no longer needs are left to `simplify`.
 */
export function lowerConvolutions(builder: GraphBuilder, values: readonly Value[]): readonly Value[] {
  const nodes = ancestors(builder, values);
  const uses = countUses(nodes, values);
  const chains = new Map<Node, Chain>();
  const skipped = new Set<Node>();
  for (const node of nodes) {
    const chain = isOp(node, "MaxPool") ? chainTo(builder, node, uses) : undefined;
    if (chain === undefined) continue;
    chains.set(node, chain);
    for (const link of chain.links) skipped.add(link);
  }
  const replacements = new Map<Value, Value>();
  const current = (old: Value): Value => replacements.get(old) ?? old;
  for (const node of nodes) {
    const chain = chains.get(node);
    if (chain !== undefined) {
      replacements.set(node.outputs[0], emitChain(builder, chain, current));
    } else if (!skipped.has(node) && node.inputs.some((input) => replacements.has(input))) {
      const outputs = repeat(builder, node, current);
      node.outputs.forEach((output, i) => replacements.set(output, outputs[i]!));
    }
  }
  return values.map(current);
}

/** What can be lowered above one pool. */
interface Chain {
  /** Convolutions and element-by-element nodes, in order. */
  readonly links: readonly Node[];
  /** What goes into the first link. */
  readonly source: Value;
  /** Padding of the first link, a convolution, that is put around the images beforehand; undefined if it stays its own. */
  readonly margins: readonly number[] | undefined;
}

function chainTo(builder: GraphBuilder, pool: Node<"MaxPool">, uses: ReadonlyMap<Value, number>): Chain | undefined {
  const { kernel_shape, strides, pads, indices } = pool.attributes;
  const isPlain = [...kernel_shape, ...strides].every((size) => size === 2) && pads.every((pad) => pad === 0) && !indices;
  if (!isPlain || !isEven(pool.inputs[0])) return undefined;
  const links: Node[] = [];
  let source: Value = pool.inputs[0];
  let margins: Chain["margins"];
  while (margins === undefined) {
    const node = builder.producerOf(source);
    if (node === undefined || uses.get(source) !== 1) break;
    if (isOp(node, "Conv")) {
      if (!isSmall(node)) break;
      if (growthOf(node, node.attributes.pads) > MOST_GROWTH) {
        // Odd padding cuts through blocks; around the images, where blocks begin, it does not.
        if (growthOf(node, noPads) > MOST_GROWTH) break;
        margins = node.attributes.pads;
      }
    } else if (!isElementwise(node)) break;
    links.unshift(node);
    source = operandOf(node);
  }
  const first = links.findIndex((node) => node.op === "Conv");
  if (first < 0) return undefined;
  if (source.kind === "input") return { links, source, margins };
  // Elementwise nodes before the first convolution gain nothing, unless they lead to the input, where pixels may be bytes: four
  // of those move as fast as one float.
  return { links: links.slice(first), source: operandOf(links[first]!), margins };
}

function emitChain(builder: GraphBuilder, { links, source, margins }: Chain, current: (old: Value) => Value): Value {
  const { op } = builder;
  const last = links.at(-1)!;
  let x = inScopeOf(builder, links[0]!, () => {
    const images = current(source);
    const [top, left, bottom, right] = margins ?? noPads;
    return toDepth(builder, margins === undefined ? images : op.Pad(images, [0, 0, top!, left!, 0, 0, bottom!, right!]));
  });
  links.forEach((node, i) => {
    x = inScopeOf(builder, node, () => {
      if (!isOp(node, "Conv")) return repeatOn(builder, node, x);
      const pads = i === 0 && margins !== undefined ? noPads : node.attributes.pads;
      return emitConvolution(builder, node, x, pads, node !== last);
    });
  });
  return inScopeOf(builder, last, () => {
    const maximum = maximumOfDepths(builder, x);
    // One number for a channel changes no maximum: it is added to a quarter as many.
    const bias = isOp(last, "Conv") ? last.inputs[2] : undefined;
    return bias === undefined ? maximum : op.Add(maximum, op.Reshape(bias, [1, bias.shape[0]!, 1, 1]));
  });
}

/**
 * [batch, channel, height, width] to [batch, (column, row, channel), height / 2, width / 2], where column and row say which
 * pixel of a 2 x 2 block it is. Columns are outermost so that the first of equal maxima, row by row, wins in the pool.
 *
 * Two transpositions that each move one axis take a quarter of the time of one that moves two: ONNX Runtime copies runs in those.
 */
function toDepth({ op }: GraphBuilder, x: Value): Value {
  const [batch, channels, height, width] = imageSizes(x.shape);
  const rows = op.Transpose(op.Reshape(x, [batch, (channels * height) / 2, 2, width]), [0, 2, 1, 3]);
  const columns = op.Transpose(op.Reshape(rows, [batch, (channels * height * width) / 2, 2]), [0, 2, 1]);
  return op.Reshape(columns, [batch, 4 * channels, height / 2, width / 2]);
}

function maximumOfDepths({ op }: GraphBuilder, x: Value): Value {
  const quarter = x.shape[1]! / 4;
  const columns = op.Split(x, [2 * quarter, 2 * quarter], 1);
  const rows = op.Split(op.Max(columns[0]!, columns[1]!), [quarter, quarter], 1);
  return op.Max(rows[0]!, rows[1]!);
}

function emitConvolution(
  builder: GraphBuilder,
  node: Node<"Conv">,
  x: Value,
  pads: readonly number[],
  isBiasAdded: boolean,
): Value {
  const { op } = builder;
  const [, kernels, bias] = node.inputs;
  const [filters, channels] = imageSizes(kernels.shape);
  const [rows, columns] = tapsOf(node, pads);
  const area = sizeOf(node.attributes.kernel_shape);
  const spread = builder.constant(spreadingMatrix(rows, columns), { shape: [area, 16 * rows.size * columns.size] });
  const flat = op.Gemm(op.Reshape(kernels, [filters * channels, area]), spread);
  const split = op.Reshape(flat, [filters, channels, 4, 4, rows.size * columns.size]);
  const deep = op.Reshape(op.Transpose(split, [2, 0, 3, 1, 4]), [4 * filters, 4 * channels, rows.size, columns.size]);
  const repeated = bias === undefined || !isBiasAdded ? undefined : op.Concat([bias, bias, bias, bias], 0);
  return op.Conv(x, deep, repeated, { padding: [rows.before, columns.before, rows.after, columns.after] });
}

/** How a kernel reaches over blocks of two pixels along one axis. */
interface Taps {
  readonly kernel: number;
  readonly pad: number;
  /** Blocks that a kernel at either pixel of a block touches. */
  readonly size: number;
  /** Room before and after, in blocks. */
  readonly before: number;
  readonly after: number;
}

const noPads: readonly number[] = [0, 0, 0, 0];

/** Taps along rows and columns of a convolution whose images are padded beforehand but for `pads`. */
function tapsOf(node: Node<"Conv">, pads: readonly number[]): readonly [rows: Taps, columns: Taps] {
  const { kernel_shape } = node.attributes;
  const along = (axis: 0 | 1): Taps => {
    const kernel = kernel_shape[axis]!;
    const pad = pads[axis]!;
    const before = Math.ceil(pad / 2);
    const size = Math.floor((kernel - pad) / 2) + before + 1;
    const output = node.outputs[0].shape[axis + 2]!;
    const input = output + kernel - 1 - pad - pads[axis + 2]!;
    return { kernel, pad, size, before, after: output / 2 - input / 2 - before + size - 1 };
  };
  return [along(0), along(1)];
}

/** How many times as many multiplications the deep form takes. */
function growthOf(node: Node<"Conv">, pads: readonly number[]): number {
  const [rows, columns] = tapsOf(node, pads);
  const isWhole = [rows, columns].every((taps) => Number.isInteger(taps.after));
  return isWhole ? (4 * rows.size * columns.size) / (rows.kernel * columns.kernel) : Infinity;
}

/**
 * Takes a kernel's elements [(row, column)] to where they are used, [(output column, output row, input column, input row, block
 * row, block column)]: zeros and ones, and its transpose adds up the gradients.
 */
function spreadingMatrix(rows: Taps, columns: Taps): Float32Array {
  const width = 16 * rows.size * columns.size;
  const matrix = new Float32Array(rows.kernel * columns.kernel * width);
  for (let i = 0; i < rows.kernel; i++) {
    for (let j = 0; j < columns.kernel; j++) {
      for (let phase = 0; phase < 4; phase++) {
        // Pixels counted from the first of the first block touched.
        const x = (phase >> 1) + j - columns.pad + 2 * columns.before;
        const y = (phase & 1) + i - rows.pad + 2 * rows.before;
        const inputPhase = 2 * (x & 1) + (y & 1);
        const block = (y >> 1) * columns.size + (x >> 1);
        matrix[(i * columns.kernel + j) * width + (phase * 4 + inputPhase) * rows.size * columns.size + block] = 1;
      }
    }
  }
  return matrix;
}

function isSmall(node: Node<"Conv">): boolean {
  const { strides, dilations, group } = node.attributes;
  const [, kernels] = node.inputs;
  return (
    isEven(node.outputs[0]) &&
    group === 1 &&
    [...strides, ...dilations].every((step) => step === 1) &&
    kernels.shape[0]! * kernels.shape[1]! <= MOST_PAIRS
  );
}

const elementwise: ReadonlySet<OpType> = new Set<OpType>([
  "Cast",
  "Clip",
  "Elu",
  "Exp",
  "Gelu",
  "HardSigmoid",
  "LeakyRelu",
  "Neg",
  "Relu",
  "Selu",
  "Sigmoid",
  "Softplus",
  "Softsign",
  "Tanh",
]);
const scaling: ReadonlySet<OpType> = new Set<OpType>(["Add", "Sub", "Mul", "Div"]);

/** Whether a node does the same to each element of its first input: alone, or with one number. */
function isElementwise({ op, inputs }: Node): boolean {
  return elementwise.has(op) || (scaling.has(op) && isScalar(inputs[1]) && !isScalar(inputs[0]));
}

function isScalar(value: Value | undefined): boolean {
  return value?.kind === "constant" && value.shape.length === 0;
}

function isEven(images: Value): boolean {
  return images.shape.slice(2).every((size) => size % 2 === 0);
}

function operandOf(node: Node): Value {
  const [x] = node.inputs;
  if (x === undefined) throw new Error(`internal: ${node.name} has no inputs`);
  return x;
}

/** Adds a node like an element-by-element one on another first input. */
function repeatOn(builder: GraphBuilder, node: Node, x: Value): Value {
  const first = operandOf(node);
  return builder.add(
    node.op,
    mapInputs(node, (input) => (input === first ? x : input)),
    node.attributes,
  )[0];
}
