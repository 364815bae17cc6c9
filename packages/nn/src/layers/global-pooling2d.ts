import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import { makeLayer, type Layer, type LayerOptions } from "./layer.ts";
import { imagesOf } from "./window.ts";

/** The mean of each channel: `[channel, height, width]` to `[channel]`. */
export function globalAveragePooling2d(options: LayerOptions = {}): Layer {
  return globalPooling("globalAveragePooling2d", options, (op, x) => op.ReduceMean(x, { axes: [2, 3] }));
}

/** The largest element of each channel: `[channel, height, width]` to `[channel]`. Equal ones share the gradient. */
export function globalMaxPooling2d(options: LayerOptions = {}): Layer {
  return globalPooling("globalMaxPooling2d", options, (op, x) => op.ReduceMax(x, { axes: [2, 3] }));
}

type Pool = (op: GraphBuilder["op"], images: Value) => Value;

function globalPooling(kind: string, { name }: LayerOptions, pool: Pool): Layer {
  return makeLayer({
    kind,
    name,
    plan: (inputs) => {
      const { channels, height, width } = imagesOf(inputs);
      return {
        outputShape: [channels],
        weights: [],
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: 0, others: channels * height * width },
        emit: ({ builder: { op } }, [x]) => pool(op, x!),
      };
    },
  });
}
