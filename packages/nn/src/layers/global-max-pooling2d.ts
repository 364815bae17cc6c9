import { makeLayer, type Layer, type LayerOptions } from "./layer.ts";
import { imagesOf } from "./window.ts";

/** The largest element of each channel: `[channel, height, width]` to `[channel]`. Equal ones share the gradient. */
export function globalMaxPooling2d(options: LayerOptions = {}): Layer {
  return makeLayer({
    kind: "globalMaxPooling2d",
    name: options.name,
    plan: (inputs) => {
      const { channels, height, width } = imagesOf(inputs);
      return {
        outputShape: [channels],
        weights: [],
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: 0, others: channels * (height * width - 1) },
        emit: ({ builder: { op } }, [x]) => op.ReduceMax(x!, { axes: [2, 3] }),
      };
    },
  });
}
