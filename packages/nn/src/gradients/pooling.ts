import type { Value } from "../graph/value.ts";
import type { Backward } from "./rule.ts";

/** The gradient goes to where each window's maximum was. */
export function maxPoolGradient({ builder, dy, node, inputs: [x], attributes }: Backward<"MaxPool">): readonly [Value] {
  const indices = node.outputs[1] ?? builder.add("MaxPool", [x], { ...attributes, indices: true })[1]!;
  const { kernel_shape, strides, pads } = attributes;
  return [builder.add("MaxUnpool", [dy, indices], { kernel_shape, strides, pads, output_shape: x.shape })[0]];
}
