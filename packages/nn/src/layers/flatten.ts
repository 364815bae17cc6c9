import { sizeOf } from "../graph/value.ts";
import { makeLayer, onlyInput, type Layer, type LayerOptions } from "./layer.ts";

/**
 * All axes of an example as one. Images are `[channel, height, width]` here, so the channel is the slowest: Keras, with its
 * channels last, orders the same features by pixel first, and dense kernels that follow have their rows in another order.
 */
export function flatten(options: LayerOptions = {}): Layer {
  return makeLayer({
    kind: "flatten",
    name: options.name,
    plan: (inputs) => {
      const size = sizeOf(onlyInput(inputs));
      return {
        outputShape: [size],
        weights: [],
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: 0, others: 0 },
        emit: ({ builder: { op }, batch }, [x]) => op.Reshape(x!, [batch, size]),
      };
    },
  });
}
