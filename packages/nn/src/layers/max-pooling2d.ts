import { makeLayer, type Layer } from "./layer.ts";
import { bothSides, checkPadding, imagesOf, windowedSize, type Pooling2dOptions } from "./window.ts";

/**
 * The largest element of each window: `[channel, height, width]` to `[channel, smaller height, smaller width]`.
 *
 * @throws ArgminError `model/invalid` if a setting makes no sense, or where the window is larger than the image.
 */
export function maxPooling2d(options: Pooling2dOptions = {}): Layer {
  const { padding = "valid" } = options;
  const poolSize = bothSides(options.poolSize ?? 2, "The pool size of a maxPooling2d layer");
  const strides = bothSides(options.strides ?? poolSize, "The strides of a maxPooling2d layer");
  checkPadding(padding, "A maxPooling2d layer");
  return makeLayer({
    kind: "maxPooling2d",
    name: options.name,
    plan: (inputs) => {
      const images = imagesOf(inputs);
      const [height, width] = windowedSize(images, poolSize, strides, padding, "window");
      const outputs = images.channels * height * width;
      return {
        outputShape: [images.channels, height, width],
        weights: [],
        window: { size: poolSize, strides },
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: 0, others: outputs * (poolSize[0] * poolSize[1] - 1) },
        emit: ({ builder: { op } }, [x]) => op.MaxPool(x!, poolSize, { strides, padding }),
      };
    },
  });
}
