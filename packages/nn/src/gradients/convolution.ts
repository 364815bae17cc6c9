import type { GraphBuilder } from "../graph/builder.ts";
import type { Attributes } from "../graph/op.ts";
import { imageSizes, sizeOf, type Value } from "../graph/value.ts";
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
    // Rows and columns that no window reached, because the stride jumped over the end.
    const output_padding = spatial.map((size, i) => {
      const covered = strides[i]! * (dy.shape[i + 2]! - 1) + dilations[i]! * (kernel_shape[i]! - 1) + 1;
      return size + pads[i]! + pads[i + spatial.length]! - covered;
    });
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
  inputs: [x],
  node,
  attributes,
  wanted,
}: Backward<"ConvTranspose">): readonly (Value | null)[] {
  const { kernel_shape, strides, pads, dilations, group } = attributes;
  const conv = { kernel_shape, strides, pads, dilations, group };
  return [
    wanted[0] ? builder.add("Conv", [dy, node.inputs[1]], conv)[0] : null,
    wanted[1] ? kernelGradient(builder, dy, x, conv) : null,
  ];
}

/**
 * With fewer channels than this, one wide product over all positions of the kernel is faster than one product a position: those
 * would leave part of a vector unit idle. With more it only costs a copy.
 */
const WIDE_PRODUCT_CHANNELS = 16;

/**
 * The gradient to the kernels of a convolution of `images` whose result has the gradient `dy`: products of matrices over
 * channel-major copies of the images, shifted by each position of the kernel; of groups side by side.
 *
 * Measured on the 8 kernels of 3 x 3 x 4 that a batch of 64 images of 26 x 26 gives, a convolution with batch and channels
 * exchanged takes 2.7 ms and this 0.9: the result is only 3 wide, so that nearly all its time would go into gathering. In 2, 4 and
 * 32 groups such a convolution takes 1.6, 1.2 and 1.45 times as long as this. Products image by image, which need no channel-major
 * copies, are as fast with large images and take twice as long with small ones.
 */
function kernelGradient({ op }: GraphBuilder, images: Value, dy: Value, attributes: Attributes<"Conv">): Value {
  const { kernel_shape, strides, pads, dilations, group } = attributes;
  const [batch, filters, height, width] = imageSizes(dy.shape);
  const channels = images.shape[1]!;
  const pixels = batch * height * width;
  const padded = pads.every((pad) => pad === 0) ? images : op.Pad(images, [0, 0, pads[0]!, pads[1]!, 0, 0, pads[2]!, pads[3]!]);
  const byChannel = op.Transpose(padded, [1, 0, 2, 3]);
  const byFilter = op.Transpose(dy, [1, 0, 2, 3]);
  const shifted = Array.from({ length: sizeOf(kernel_shape) }, (_, position) => {
    const top = Math.floor(position / kernel_shape[1]!) * dilations[0]!;
    const left = (position % kernel_shape[1]!) * dilations[1]!;
    const ends = [channels, batch, top + (height - 1) * strides[0]! + 1, left + (width - 1) * strides[1]! + 1];
    return op.Slice(byChannel, [0, 0, top, left], ends, [1, 1, strides[0]!, strides[1]!]);
  });
  const positions = shifted.length;
  if (group > 1) {
    const inGroups = op.Reshape(byFilter, [group, filters / group, pixels]);
    const products = shifted.map((columns) => {
      const product = op.MatMul(inGroups, op.Transpose(op.Reshape(columns, [group, channels / group, pixels]), [0, 2, 1]));
      return op.Reshape(product, [filters, channels / group, 1]);
    });
    return op.Reshape(op.Concat(products, 2), [filters, channels / group, ...kernel_shape]);
  }
  const flat = op.Reshape(byFilter, [filters, pixels]);
  if (channels < WIDE_PRODUCT_CHANNELS) {
    const columns = op.Reshape(op.Concat(shifted, 0), [positions * channels, pixels]);
    const product = op.Gemm(flat, columns, undefined, { transB: true });
    const split = op.Transpose(op.Reshape(product, [filters, positions, channels]), [0, 2, 1]);
    return op.Reshape(split, [filters, channels, ...kernel_shape]);
  }
  const products = shifted.map((columns) =>
    op.Reshape(op.Gemm(flat, op.Reshape(columns, [channels, pixels]), undefined, { transB: true }), [filters, channels, 1]),
  );
  return op.Reshape(op.Concat(products, 2), [filters, channels, ...kernel_shape]);
}
