import { ArgminError } from "@argmin/base";
import { checkKernelOptions, kernelWeights, type KernelOptions } from "./dense.ts";
import { makeLayer, positiveInteger, type Layer } from "./layer.ts";
import { bothSides, checkPadding, imagesOf, windowedSize, type PaddingMode, type Size } from "./window.ts";

export interface Conv2dOptions extends KernelOptions {
  readonly filters: number;
  /** Any size, even ones too. */
  readonly kernelSize: Size;
  /** Default 1. */
  readonly strides?: Size;
  /** Default "valid". With "same" the odd row and column go after, as in Keras. */
  readonly padding?: PaddingMode;
  /** Channels and filters are cut into this many parts that do not see each other. Default 1. */
  readonly groups?: number;
}

/**
 * Kernels that slide over images: `[channel, height, width]` to `[filter, height, width]`, kernel
 * `[filter, channel / groups, height, width]`.
 *
 * @throws ArgminError `model/invalid` if a setting makes no sense, or where the kernel is larger than the image.
 */
export function conv2d(options: Conv2dOptions): Layer {
  const { useBias = true, activation = "linear" } = options;
  const { padding = "valid", groups = 1 } = options;
  const filters = positiveInteger(options.filters, "The filters of a conv2d layer");
  const kernelSize = bothSides(options.kernelSize, "The kernel size of a conv2d layer");
  const strides = bothSides(options.strides ?? 1, "The strides of a conv2d layer");
  positiveInteger(groups, "The groups of a conv2d layer");
  checkPadding(padding, "A conv2d layer");
  checkKernelOptions(options, "A conv2d layer");
  return makeLayer({
    kind: "conv2d",
    name: options.name,
    plan: (inputs) => {
      const images = imagesOf(inputs);
      if (images.channels % groups !== 0 || filters % groups !== 0) {
        throw new ArgminError(
          "model/invalid",
          `${groups} groups divide neither evenly: ${images.channels} channels, ${filters} filters; choose a common divisor.`,
        );
      }
      const [height, width] = windowedSize(images, kernelSize, strides, padding, "kernel");
      const channels = images.channels / groups;
      const area = kernelSize[0] * kernelSize[1];
      const fans = { fanIn: channels * area, fanOut: filters * area };
      const outputs = filters * height * width;
      return {
        outputShape: [filters, height, width],
        weights: kernelWeights(options, [filters, channels, ...kernelSize], fans, filters),
        window: { size: kernelSize, strides },
        activation,
        dropoutRate: 0,
        cost: { multiplyAdds: outputs * channels * area, others: useBias ? outputs : 0 },
        emit: ({ builder: { op }, weight }, [x]) =>
          op.Conv(x!, weight("kernel"), useBias ? weight("bias") : undefined, { strides, padding, group: groups }),
      };
    },
  });
}
