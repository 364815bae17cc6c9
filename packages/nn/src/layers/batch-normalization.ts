import { ArgminError } from "@argmin/base";
import { sizeOf } from "../graph/value.ts";
import { makeLayer, onlyInput, type Layer, type LayerOptions, type WeightPlan } from "./layer.ts";
import { normalizeBatch, normalizeWith } from "./normalize-batch.ts";

export interface BatchNormalizationOptions extends LayerOptions {
  /** How much of the running statistics each step keeps. Default 0.99. */
  readonly momentum?: number;
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number;
  /** Learn an offset a channel, beta. Default true. */
  readonly center?: boolean;
  /** Learn a factor a channel, gamma. Default true. */
  readonly scale?: boolean;
}

/**
 * Brings each channel (of features: each feature) to mean beta and deviation gamma: in training by the statistics of the batch,
 * otherwise by running means of those (Ioffe and Szegedy, 2015). Keras 3's: the running variance is that of the batch as it is,
 * not the unbiased one that PyTorch keeps.
 *
 * @throws ArgminError `model/invalid` unless the momentum is at least 0 and below 1, and epsilon above 0.
 */
export function batchNormalization(options: BatchNormalizationOptions = {}): Layer {
  const { momentum = 0.99, epsilon = 1e-3, center = true, scale = true } = options;
  if (!(momentum >= 0 && momentum < 1)) {
    throw new ArgminError(
      "model/invalid",
      `The momentum of a batchNormalization layer must be at least 0 and below 1, not ${momentum}.`,
    );
  }
  if (!(epsilon > 0 && epsilon < Infinity)) {
    throw new ArgminError("model/invalid", `The epsilon of a batchNormalization layer must be above 0, not ${epsilon}.`);
  }
  return makeLayer({
    kind: "batchNormalization",
    name: options.name,
    plan: (inputs) => {
      const shape = onlyInput(inputs);
      const channels = shape[0]!;
      const numbers = (key: string, initializer: "zeros" | "ones"): WeightPlan => ({
        key,
        shape: [channels],
        initializer,
        fans: { fanIn: channels, fanOut: channels },
      });
      return {
        outputShape: shape,
        weights: [
          ...(scale ? [numbers("gamma", "ones")] : []),
          ...(center ? [numbers("beta", "zeros")] : []),
          { ...numbers("movingMean", "zeros"), isTrained: false },
          { ...numbers("movingVariance", "ones"), isTrained: false },
        ],
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: sizeOf(shape), others: 0 },
        emit: ({ builder, weight, update }, [x]) => {
          const { op } = builder;
          const learned = { gamma: scale ? weight("gamma") : undefined, beta: center ? weight("beta") : undefined, epsilon };
          const kept = { mean: weight("movingMean"), variance: weight("movingVariance") };
          if (update === undefined) return normalizeWith(builder, x!, kept, learned);
          const { output, mean, variance } = normalizeBatch(builder, x!, learned);
          update("movingMean", op.Add(op.Mul(kept.mean, momentum), op.Mul(mean, 1 - momentum)));
          update("movingVariance", op.Add(op.Mul(kept.variance, momentum), op.Mul(variance, 1 - momentum)));
          return output;
        },
      };
    },
  });
}
