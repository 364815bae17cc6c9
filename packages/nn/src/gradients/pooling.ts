import { imageSizes, sizeOf, type Value } from "../graph/value.ts";
import { mask, unslice, type Backward } from "./rule.ts";

/** The gradient goes to where each window's maximum was; of equal ones to the first. */
export function maxPoolGradient(backward: Backward<"MaxPool">): readonly [Value] {
  const { kernel_shape, strides } = backward.attributes;
  const isApart = kernel_shape.every((size, i) => size <= strides[i]!);
  return [isApart && backward.builder.target.operators === "all" ? byIndices(backward) : byComparison(backward)];
}

/** For windows apart from each other, so that no element is the maximum of two. */
function byIndices({ builder, dy, node, inputs: [x], attributes }: Backward<"MaxPool">): Value {
  const indices = node.outputs[1] ?? builder.add("MaxPool", [x], { ...attributes, indices: true })[1]!;
  const { kernel_shape, strides, pads } = attributes;
  return builder.add("MaxUnpool", [dy, indices], { kernel_shape, strides, pads, output_shape: x.shape })[0];
}

/** The lowest float32: shading languages need not know infinities. */
const LOWEST = -3.4028234663852886e38;

/** Position by position of the window: where the element there is the maximum, and none before it was, it takes the gradient. */
function byComparison({ op, dy, y, inputs: [x], attributes }: Backward<"MaxPool">): Value {
  const { kernel_shape, strides, pads } = attributes;
  const [batch, channels, height, width] = imageSizes(x.shape);
  const margins = [0, 0, pads[0]!, pads[1]!, 0, 0, pads[2]!, pads[3]!];
  const padded = margins.every((margin) => margin === 0) ? x : op.Pad(x, margins, LOWEST);
  let free: Value | undefined;
  let gradient: Value | undefined;
  for (let position = 0; position < sizeOf(kernel_shape); position++) {
    const top = Math.floor(position / kernel_shape[1]!);
    const left = position % kernel_shape[1]!;
    const ends = [batch, channels, top + (y.shape[2]! - 1) * strides[0]! + 1, left + (y.shape[3]! - 1) * strides[1]! + 1];
    const steps = [1, 1, strides[0]!, strides[1]!];
    const there = mask(op, op.Equal(op.Slice(padded, [0, 0, top, left], ends, steps), y));
    const first = free === undefined ? there : op.Mul(there, free);
    free = free === undefined ? op.Sub(1, first) : op.Sub(free, first);
    const share = unslice(op, op.Mul(dy, first), padded.shape, [0, 0, top, left], steps);
    gradient = gradient === undefined ? share : op.Add(gradient, share);
  }
  if (gradient === undefined) throw new Error("internal: an empty window");
  if (gradient.shape.every((size, axis) => size === x.shape[axis])) return gradient;
  return op.Slice(gradient, [0, 0, pads[0]!, pads[1]!], [batch, channels, pads[0]! + height, pads[1]! + width]);
}
