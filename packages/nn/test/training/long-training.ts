import {
  callback,
  layer,
  regularizer,
  schedule,
  sequential,
  type Augmentation,
  type Callback,
  type FitOptions,
} from "@argmin/nn";
import { barImages } from "./networks.ts";

/** @file A training with everything that has a state, a stream or a mean of its own: what goes on from a file must go on with all. */

export const model = sequential({ input: [1, 10, 10] }, [
  layer.conv2d({ filters: 4, kernelSize: 3, kernelRegularizer: regularizer.l2(0.01) }),
  layer.batchNormalization(),
  layer.activation("elu"),
  layer.maxPooling2d(),
  layer.dropout(0.25),
  layer.flatten(),
  layer.dense({ units: 2, activation: "softmax" }),
]);
export const examples = barImages(45);
const flips: Augmentation = {
  apply: ({ inputs, rows }, rng) => {
    for (let row = 0; row < rows; row++) if (rng.float() < 0.5) inputs.subarray(row * 100, (row + 1) * 100).reverse();
    return { partners: new Uint32Array(rows).fill(0), shares: Float32Array.from({ length: rows }, () => rng.float()) };
  },
};
export const settings = {
  optimizer: "nadam",
  weightAverage: { decay: 0.9 },
  gradientClipping: { kind: "norm", limit: 1 },
} as const;

/** Three epochs of 6 steps. */
export function options(callbacks: readonly Callback[]): FitOptions {
  return {
    epochs: 3,
    batchSize: 8,
    validation: barImages(20),
    augmentation: flips,
    learningRate: schedule.oneCycle(),
    callbacks: [callback.learningRateSchedule((_epoch, rate) => rate * 0.9), ...callbacks],
  };
}
