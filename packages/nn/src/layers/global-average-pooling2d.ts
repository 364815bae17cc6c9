import { makeLayer, type Layer, type LayerOptions } from "./layer.ts";
import { imagesOf } from "./window.ts";

/** The mean of each channel: `[channel, height, width]` to `[channel]`. */
export function globalAveragePooling2d(options: LayerOptions = {}): Layer {
  return makeLayer({
    kind: "globalAveragePooling2d",
    name: options.name,
    plan: (inputs) => {
      const { channels, height, width } = imagesOf(inputs);
      return {
        outputShape: [channels],
        weights: [],
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: 0, others: channels * height * width },
        emit: ({ builder: { op } }, [x]) => op.ReduceMean(x!, { axes: [2, 3] }),
      };
    },
  });
}
