import type { GraphBuilder } from "../builder.ts";
import { isOp, mapInputs, type Node } from "../graph.ts";
import { imageSizes, sizeOf, type Shape, type Value } from "../value.ts";
import { isOfInput } from "./columns.ts";
import { emitTurned, turn, type TurnedValues } from "./pixel-major-rules.ts";
import { ancestors, countUses, inScopeOf } from "./rebuild.ts";
import { hasWinogradForm } from "./winograd.ts";

/**
 * @file Images laid out `[height, width, batch, channel]`, pixels outermost, from where that trains a convolution faster to where
 * something wants them `[batch, channel, height, width]` again.
 *
 * So laid out, whatever mixes channels is a matrix product without copies, forward and backward; whatever mixes pixels moves long
 * runs; sums over all but channels are sums of rows; and Winograd's transformations are products by matrices of constants.
 * Measured: bench/NOTES.md.
 */

/**
 * With fewer channels or filters, Winograd's transformations cost more than the multiplications that they save, and kernels of 2 x 2
 * save less than those of 3 x 3.
 */
const FEWEST_CHANNELS = 16;
const FEWEST_CHANNELS_SMALL = 32;
const SMALL_AREA = 6;

/**
 * The same values, computed on images with pixels outermost around every convolution that is faster so.
 *
 * For forward passes: take gradients of the result. Nodes that it no longer needs are left to `simplify`.
 *
 * @param chance - Inputs whose elements are random and independent, used once each: they are not turned but read in another order.
 */
export function pixelMajor(
  builder: GraphBuilder,
  values: readonly Value[],
  chance: ReadonlySet<Value> = new Set(),
): readonly Value[] {
  const nodes = ancestors(builder, values);
  if (!nodes.some(isWorthTurning)) return values;
  const layouts = new Layouts(builder, countUses(nodes, values), chance);
  for (const node of nodes) inScopeOf(builder, node, () => layouts.rebuild(node));
  return values.map(layouts.plain);
}

/** What has become of each value of the old graph, in one layout or both. */
class Layouts implements TurnedValues {
  readonly #builder: GraphBuilder;
  readonly #uses: ReadonlyMap<Value, number>;
  /** By old value, those that differ from it. */
  readonly #plain = new Map<Value, Value>();
  readonly #turned = new Map<Value, Value>();
  /** Old values whose elements are as good in any order, each by chance alone. */
  readonly #chance: Set<Value>;
  /** Old values that are computed with pixels outermost. */
  readonly #native = new Set<Value>();

  constructor(builder: GraphBuilder, uses: ReadonlyMap<Value, number>, chance: ReadonlySet<Value>) {
    this.#builder = builder;
    this.#uses = uses;
    this.#chance = new Set(chance);
  }

  /** The value in its old layout. */
  readonly plain = (old: Value): Value => {
    const known = this.#plain.get(old);
    if (known !== undefined || !this.#native.has(old)) return known ?? old;
    const plain = this.#turn(this.turned(old), old.shape);
    this.#plain.set(old, plain);
    return plain;
  };

  /** The value with pixels outermost. One that is broadcast gets the axes it lacks; a scalar stays what it is. */
  readonly turned = (old: Value): Value => {
    const known = this.#turned.get(old);
    if (known !== undefined) return known;
    if (old.shape.length === 0) return this.plain(old);
    const shape = [...Array<number>(4 - old.shape.length).fill(1), ...old.shape];
    const turnedShape = turn.map((axis) => shape[axis]!);
    const turned = this.#chance.has(old)
      ? this.#builder.op.Reshape(this.plain(old), turnedShape)
      : this.#turn(this.plain(old), turnedShape);
    this.#turned.set(old, turned);
    return turned;
  };

  readonly usesOf = (old: Value): number => this.#uses.get(old) ?? 0;

  /** Adds what takes the place of an old node. */
  rebuild(node: Node): void {
    if (node.inputs.every((input) => input.shape.length === 0 || this.#chance.has(input))) {
      node.outputs.forEach((output) => this.#chance.add(output));
    }
    const outputs = this.#isTurned(node) ? emitTurned(this.#builder, node, this) : undefined;
    if (outputs !== undefined) {
      node.outputs.forEach((output, i) => {
        this.#native.add(output);
        this.#turned.set(output, outputs[i]!);
      });
    } else if (node.inputs.some((input) => this.plain(input) !== input)) {
      const repeated = this.#builder.add(node.op, mapInputs(node, this.plain), node.attributes);
      node.outputs.forEach((output, i) => this.#plain.set(output, repeated[i]!));
    }
  }

  /**
   * As the transposition of one matrix: [320, 63, 32, 32] takes ONNX Runtime five times as long with four axes. Of a batch of one,
   * because it finds the four axes again in what is a matrix between two reshapes.
   */
  #turn(images: Value, shape: Shape): Value {
    const { op } = this.#builder;
    const columns = shape[0]! * shape[1]!;
    const matrix = op.Reshape(images, [1, sizeOf(shape) / columns, columns]);
    return op.Reshape(op.Transpose(matrix, [0, 2, 1]), shape);
  }

  #isTurned(node: Node): boolean {
    return (
      isWorthTurning(node) ||
      (isOp(node, "Conv") && isOfInput(this.#builder, node)) ||
      node.inputs.some((input) => this.#native.has(input))
    );
  }
}

/** Whether a convolution is so much faster with pixels outermost that it pays to bring its images there and back. */
function isWorthTurning(node: Node): boolean {
  if (!isOp(node, "Conv") || !hasWinogradForm(node)) return false;
  const [filters, channels, ...kernel] = imageSizes(node.inputs[1].shape);
  return Math.min(filters, channels) >= (sizeOf(kernel) < SMALL_AREA ? FEWEST_CHANNELS_SMALL : FEWEST_CHANNELS);
}
