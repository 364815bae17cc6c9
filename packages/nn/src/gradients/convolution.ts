import type { Operators } from "../graph/operators.ts";
import type { Attributes } from "../graph/op.ts";
import type { Value } from "../graph/value.ts";
import type { Backward } from "./rule.ts";

/** Gradients of a convolution to its images, kernels and bias. */
export function convGradients({
  builder,
  op,
  dy,
  inputs: [x, w, bias],
  attributes,
  wanted,
}: Backward<"Conv">): readonly (Value | null)[] {
  const { kernel_shape, strides, pads, dilations } = attributes;
  const toImages = (): Value => {
    const spatial = x.shape.slice(2);
    // Rows that no window reached, because the stride jumped over the end.
    const output_padding = spatial.map(
      (size, i) =>
        size -
        (strides[i]! * (dy.shape[i + 2]! - 1) +
          dilations[i]! * (kernel_shape[i]! - 1) +
          1 -
          pads[i]! -
          pads[i + spatial.length]!),
    );
    return builder.add("ConvTranspose", [dy, w], { ...attributes, output_padding })[0];
  };
  return [
    wanted[0] ? toImages() : null,
    wanted[1] ? kernelGradient(builder, x, dy, attributes) : null,
    bias !== undefined && wanted[2] ? op.ReduceSum(dy, { axes: [0, 2, 3] }) : null,
  ];
}

/** Gradients of a transposed convolution: it is the adjoint of a convolution, so its own adjoint is that convolution. */
export function convTransposeGradients({
  builder,
  dy,
  inputs: [x, w],
  attributes,
  wanted,
}: Backward<"ConvTranspose">): readonly (Value | null)[] {
  const { kernel_shape, strides, pads, dilations, group } = attributes;
  const conv = { kernel_shape, strides, pads, dilations, group };
  return [wanted[0] ? builder.add("Conv", [dy, w], conv)[0] : null, wanted[1] ? kernelGradient(builder, dy, x, conv) : null];
}

/**
 * The gradient to the kernels of a convolution of `images` whose result has the gradient `dy`: the convolution of the images by
 * `dy` with batch and channels changing places, and strides and dilations too.
 */
function kernelGradient(
  builder: Backward<"Conv">["builder"],
  images: Value,
  dy: Value,
  attributes: Attributes<"Conv">,
): Value {
  const { op } = builder;
  const { kernel_shape, strides, pads, dilations, group } = attributes;
  const [batch, channels, ...size] = images.shape;
  const perGroup = channels! / group;
  // [batch, group, channel, ...] -> [channel, group * batch, ...]
  const swapped =
    group === 1
      ? op.Transpose(images, [1, 0, 2, 3])
      : op.Reshape(op.Transpose(op.Reshape(images, [batch!, group, perGroup, ...size]), [2, 1, 0, 3, 4]), [
          perGroup,
          group * batch!,
          ...size,
        ]);
  const kernels = op.Transpose(dy, [1, 0, 2, 3]);
  const [full] = builder.add("Conv", [swapped, kernels], {
    kernel_shape: dy.shape.slice(2),
    strides: dilations,
    dilations: strides,
    pads,
    group,
  });
  return op.Transpose(cropTo(op, full, kernel_shape), [1, 0, 2, 3]);
}

/** Drops rows and columns beyond `size`, which come from images that the strides did not cover. */
function cropTo(op: Operators, x: Value, size: readonly number[]): Value {
  const ends = [...x.shape.slice(0, 2), ...size];
  if (ends.every((end, axis) => end === x.shape[axis])) return x;
  return op.Slice(
    x,
    ends.map(() => 0),
    ends,
  );
}
