import { ArgminError } from "@argmin/base";
import { sizeOf } from "../graph/value.ts";
import { makeLayer, onlyInput, type Layer, type LayerOptions } from "./layer.ts";
import { imagesOf } from "./window.ts";

export interface RescalingOptions extends LayerOptions {
  /** Default 1. */
  readonly scale?: number;
  /** Default 0. */
  readonly offset?: number;
}

/**
 * `x * scale + offset`. Pixels given as bytes are between 0 and 1 by then: `rescaling({ offset: -0.5 })` centres them.
 *
 * @throws ArgminError `model/invalid` for a number that is not finite.
 */
export function rescaling(options: RescalingOptions = {}): Layer {
  const { scale = 1, offset = 0 } = options;
  checkFinite(scale, "The scale of a rescaling layer");
  checkFinite(offset, "The offset of a rescaling layer");
  return makeLayer({
    kind: "rescaling",
    name: options.name,
    plan: (inputs) => {
      const outputShape = onlyInput(inputs);
      return {
        outputShape,
        weights: [],
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: sizeOf(outputShape), others: 0 },
        emit: ({ builder: { op } }, [x]) => op.Add(op.Mul(x!, scale), offset),
      };
    },
  });
}

export interface NormalizationOptions extends LayerOptions {
  /** One number a channel. */
  readonly mean: readonly number[];
  /** One number a channel, above 0: the root of the variance, not the variance that Keras's layer takes. */
  readonly deviation: readonly number[];
}

/**
 * `(x - mean) / deviation`, channel by channel. Pixels given as bytes are between 0 and 1 by then, and so must the numbers be.
 *
 * @throws ArgminError `model/invalid` unless there is one finite mean and one positive deviation a channel.
 */
export function normalization(options: NormalizationOptions): Layer {
  const mean = [...options.mean];
  const deviation = [...options.deviation];
  for (const value of mean) checkFinite(value, "The mean of a normalization layer");
  for (const value of deviation) {
    checkFinite(value, "The deviation of a normalization layer");
    if (value <= 0)
      throw new ArgminError("model/invalid", `The deviation of a normalization layer must be above 0, not ${value}.`);
  }
  return makeLayer({
    kind: "normalization",
    name: options.name,
    plan: (inputs) => {
      const { channels, height, width } = imagesOf(inputs);
      if (mean.length !== channels || deviation.length !== channels) {
        throw new ArgminError(
          "model/invalid",
          `has ${mean.length} means and ${deviation.length} deviations for images of ${channels} channels; give one of each a channel.`,
        );
      }
      return {
        outputShape: [channels, height, width],
        weights: [],
        activation: "linear",
        dropoutRate: 0,
        cost: { multiplyAdds: channels * height * width, others: 0 },
        emit: ({ builder }, [x]) => {
          const shape = [channels, 1, 1];
          const scale = builder.constant(
            deviation.map((value) => 1 / value),
            { shape },
          );
          const offset = builder.constant(
            mean.map((value, channel) => -value / deviation[channel]!),
            { shape },
          );
          return builder.op.Add(builder.op.Mul(x!, scale), offset);
        },
      };
    },
  });
}

function checkFinite(value: number, what: string): void {
  if (!Number.isFinite(value)) throw new ArgminError("model/invalid", `${what} must be a finite number, not ${value}.`);
}
