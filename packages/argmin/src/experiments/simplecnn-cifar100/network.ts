import { layer, sequential, type Model } from "@argmin/nn";
import type { ChannelStatistics } from "@argmin/vision";
import type { Settings } from "./space.ts";

/** What of a candidate makes its network. */
export type Architecture = Pick<Settings, "num_filters_1" | "num_filters_2" | "num_filters_3" | "dropout_rate">;

/**
 * Three stages of convolution, batch normalization, ReLU and pooling, then three dense layers: from pixels `[3, 32, 32]` to the
 * probabilities of 100 classes.
 *
 * @param pixels - Mean and deviation of each channel of the training pixels, from 0 to 1.
 */
export function createNetwork(settings: Architecture, pixels: ChannelStatistics): Model {
  const { num_filters_1, num_filters_2, num_filters_3, dropout_rate } = settings;
  return sequential({ input: [3, 32, 32], name: "simplecnn-cifar100" }, [
    layer.normalization({ name: "pixels", ...pixels }),
    ...[num_filters_1, num_filters_2, num_filters_3].flatMap((filters, index) => {
      const name = `stage${index + 1}`;
      return [
        layer.conv2d({ name: `${name}_conv`, filters, kernelSize: 3, padding: "same" }),
        layer.batchNormalization({ name: `${name}_bn`, momentum: 0.9, epsilon: 1e-5 }),
        layer.activation("relu", { name: `${name}_relu` }),
        layer.maxPooling2d({ name: `${name}_pool` }),
      ];
    }),
    layer.flatten({ name: "flatten" }),
    layer.dense({ name: "dense1", units: 512, activation: "relu" }),
    layer.dropout(dropout_rate, { name: "dense1_dropout" }),
    layer.dense({ name: "dense2", units: 256, activation: "relu" }),
    layer.dense({ name: "classes", units: 100, activation: "softmax" }),
  ]);
}
