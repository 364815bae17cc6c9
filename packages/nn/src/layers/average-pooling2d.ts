import { makeLayer, type Layer } from "./layer.ts";
import { bothSides, checkPadding, imagesOf, windowedSize, type Pooling2dOptions } from "./window.ts";

/**
 * The mean of each window: `[channel, height, width]` to `[channel, smaller height, smaller width]`. What "same" pads is not
 * counted, as in Keras.
 *
 * @throws ArgminError `model/invalid` if a setting makes no sense, or where the window is larger than the image.
 */
export function averagePooling2d(options: Pooling2dOptions = {}): Layer {
  const { padding = "valid" } = options;
  const poolSize = bothSides(options.poolSize ?? 2, "The pool size of an averagePooling2d layer");
  const strides = bothSides(options.strides ?? poolSize, "The strides of an averagePooling2d layer");
  checkPadding(padding, "An averagePooling2d layer");
  return makeLayer({
    kind: "averagePooling2d",
    name: options.name,
    plan: (inputs) => {
      const images = imagesOf(inputs);
      const [height, width] = windowedSize(images, poolSize, strides, padding, "window");
      return {
        outputShape: [images.channels, height, width],
        weights: [],
        window: { size: poolSize, strides },
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: 0, others: images.channels * height * width * poolSize[0] * poolSize[1] },
        emit: ({ builder: { op } }, [x]) => op.AveragePool(x!, poolSize, { strides, padding }),
      };
    },
  });
}
