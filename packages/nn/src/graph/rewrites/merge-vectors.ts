import type { GraphBuilder } from "../builder.ts";
import { isOp, type Node } from "../graph.ts";
import { sameShape, sizeOf, type Value } from "../value.ts";
import { ancestors, inScopeOf, repeat } from "./rebuild.ts";

/**
 * @file Factors and terms of one number a channel, put off for as long as they can be worked into numbers of a channel instead of
 * passes over images: biases before batch normalization, on both sides of a residual sum too.
 *
 * Two batch normalizations in a row could be one, since the sums of s x + t follow from those of x; but then three steps of Nadam end
 * 1.6 hundredths from PyTorch's, instead of 0.4 (bench/NOTES.md).
 */

/** `scale base + offset`, the latter two of one number a channel, `[1, ..., channel, ..., 1]`. */
interface Affine {
  readonly base: Value;
  readonly scale: Value | undefined;
  readonly offset: Value | undefined;
}

type Sum = Node<"ReduceMean"> | Node<"ReduceSumSquare">;

/** A node that multiplies by, or adds, one number a channel. */
interface VectorStep {
  readonly op: "Add" | "Mul";
  readonly images: Value;
  readonly vector: Value;
  readonly axis: number;
}

/**
 * The same values with fewer passes of one number a channel.
 *
 * For forward passes: take gradients of the result. Nodes that it no longer needs are left to `simplify`.
 */
export function mergeVectors(builder: GraphBuilder, values: readonly Value[]): readonly Value[] {
  const nodes = ancestors(builder, values);
  const late = lateValues(nodes, values);
  if (late.size === 0) return values;
  const { op } = builder;
  const forms = new Map<Value, Affine>();
  const replacements = new Map<Value, Value>();
  const sums = new Map<Value, Map<string, Value>>();
  const current = (old: Value): Value => {
    const form = forms.get(old);
    if (form !== undefined && !replacements.has(old)) replacements.set(old, written(form));
    return replacements.get(old) ?? old;
  };
  const written = ({ base, scale, offset }: Affine): Value => {
    const scaled = scale === undefined ? base : op.Mul(base, scale);
    return offset === undefined ? scaled : op.Add(scaled, offset);
  };
  const formOf = (old: Value): Affine => forms.get(old) ?? { base: current(old), scale: undefined, offset: undefined };
  for (const node of nodes) inScopeOf(builder, node, () => rebuild(node));
  return values.map(current);

  function rebuild(node: Node): void {
    const [output] = node.outputs;
    const form = affineOf(node);
    if (form !== undefined) {
      if (late.has(output)) forms.set(output, form);
      else replacements.set(output, written(form));
      return;
    }
    const sum = isSum(node) ? sumOf(node) : undefined;
    if (sum !== undefined) replacements.set(output, sum);
    else if (node.inputs.some((input) => current(input) !== input)) {
      const outputs = repeat(builder, node, current);
      node.outputs.forEach((old, i) => replacements.set(old, outputs[i]!));
    }
  }

  function affineOf(node: Node): Affine | undefined {
    const step = vectorStepOf(node);
    if (step !== undefined && (forms.has(step.images) || late.has(node.outputs[0]))) {
      const { base, scale, offset } = formOf(step.images);
      const along = base.shape.map((size, axis) => (axis === step.axis ? size : 1));
      const vector = op.Reshape(current(step.vector), along);
      return step.op === "Add"
        ? { base, scale, offset: offset === undefined ? vector : op.Add(offset, vector) }
        : { base, scale: scale === undefined ? vector : op.Mul(scale, vector), offset: offset && op.Mul(offset, vector) };
    }
    if (!isSumOfImages(node) || !late.has(node.outputs[0])) return undefined;
    const [a, b] = node.inputs.map((input): Affine => {
      const form = formOf(input);
      return form.scale === undefined ? form : { base: current(input), scale: undefined, offset: undefined };
    });
    const offset = a!.offset === undefined || b!.offset === undefined ? (a!.offset ?? b!.offset) : op.Add(a!.offset, b!.offset);
    return { base: op.Add(a!.base, b!.base), scale: undefined, offset };
  }

  /** Of `s x + t`, from the mean of x and the sum of its squares. */
  function sumOf(node: Sum): Value | undefined {
    const { base, scale, offset } = formOf(node.inputs[0]);
    const { axes, keepdims } = node.attributes;
    if (keepdims !== 1) return undefined;
    const scaled = (sum: Value, factor = scale): Value => (factor === undefined ? sum : op.Mul(sum, factor));
    const mean = (): Value => scaled(shared("ReduceMean", base, axes));
    if (isOp(node, "ReduceMean")) return offset === undefined ? mean() : op.Add(mean(), offset);
    const squares = scaled(shared("ReduceSumSquare", base, axes), scale && op.Mul(scale, scale));
    if (offset === undefined) return squares;
    const count = sizeOf(base.shape) / sizeOf(node.outputs[0].shape);
    return op.Add(squares, op.Mul(op.Mul(offset, op.Add(op.Mul(mean(), 2), offset)), count));
  }

  /** One node for all who want a sum, so that one gradient comes back from it. */
  function shared(kind: Sum["op"], base: Value, axes: readonly number[]): Value {
    const key = `${kind} ${axes.join()}`;
    const ofBase = sums.get(base) ?? new Map<string, Value>();
    const sum = ofBase.get(key) ?? op[kind](base, { axes, keepdims: true });
    sums.set(base, ofBase.set(key, sum));
    return sum;
  }
}

/** What need not be written out, since all that reads it can do with its form. */
function lateValues(nodes: readonly Node[], wanted: readonly Value[]): ReadonlySet<Value> {
  const users = new Map<Value, Node[]>();
  for (const node of nodes) for (const input of new Set(node.inputs)) users.set(input, [...(users.get(input) ?? []), node]);
  const late = new Map<Value, number>();
  const scaled = new Set(nodes.flatMap((node) => (vectorStepOf(node)?.op === "Mul" ? [node.outputs[0]] : [])));
  for (const node of nodes.toReversed()) {
    const [output] = node.outputs;
    const readers = users.get(output) ?? [];
    if (wanted.includes(output) || readers.length === 0) continue;
    // What is normalized is written out, to be normalized again or not: see above.
    const step = vectorStepOf(node);
    if (step?.op === "Add" && scaled.has(step.images)) continue;
    const axis = step?.axis ?? (isSumOfImages(node) ? axisRead(readers[0]!, output) : undefined);
    if (axis !== undefined && readers.every((reader) => axisRead(reader, output) === axis)) late.set(output, axis);
  }
  return new Set(late.keys());

  /** The axis of the channels, for a node that can do with the form of `images`. */
  function axisRead(node: Node, images: Value): number | undefined {
    const step = vectorStepOf(node);
    if (step !== undefined) return step.images === images && step.vector !== images ? step.axis : undefined;
    if (isSumOfImages(node)) return late.get(node.outputs[0]);
    if (!isSum(node)) return undefined;
    const { axes, keepdims } = node.attributes;
    const kept = images.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    return keepdims === 1 && kept.length === 1 ? kept[0] : undefined;
  }
}

function vectorStepOf(node: Node): VectorStep | undefined {
  if (!isOp(node, "Add") && !isOp(node, "Mul")) return undefined;
  const [a, b] = node.inputs;
  const { shape } = node.outputs[0];
  const [images, vector] = sameShape(a.shape, shape) ? [a, b] : [b, a];
  if (!sameShape(images.shape, shape) || images.dtype !== "float32") return undefined;
  const missing = shape.length - vector.shape.length;
  const along = shape.flatMap((_, axis) => (axis >= missing && vector.shape[axis - missing]! > 1 ? [axis] : []));
  const isOfChannel = along.length === 1 && sizeOf(vector.shape) < sizeOf(shape);
  return isOfChannel ? { op: node.op, images, vector, axis: along[0]! } : undefined;
}

function isSum(node: Node): node is Sum {
  return isOp(node, "ReduceMean") || isOp(node, "ReduceSumSquare");
}

function isSumOfImages(node: Node): node is Node<"Add"> {
  return isOp(node, "Add") && node.inputs.every(({ shape }) => sameShape(shape, node.outputs[0].shape));
}
