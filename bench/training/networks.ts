import { layer, optimizer, sequential, type Model, type OptimizerSettings } from "@argmin/nn";
import type { JsonObject } from "@argmin/base";

/** A network that is trained on random images of 32 x 32, on both sides. */
export interface TrainingTask {
  readonly title: string;
  readonly batch: number;
  /** Steps of one round: a few seconds of work on two threads. */
  readonly steps: number;
  readonly outputs: readonly TaskOutput[];
  readonly optimizer: OptimizerSettings;
  readonly build: () => Model;
  /** The same network and optimizer for `bench/peers/train_cifar100.py`. */
  readonly peer: JsonObject;
}

export interface TaskOutput {
  readonly classes: number;
}

export const trainingTasks = {
  "train-simplecnn": {
    title: "Training system C's base network, batch 128",
    batch: 128,
    steps: 16,
    outputs: [{ classes: 100 }],
    optimizer: optimizer.sgd({ learningRate: 0.01, momentum: 0.9 }),
    build: simpleCnn,
    peer: { network: "simplecnn", optimizer: "sgd", learningRate: 0.01, momentum: 0.9 },
  },
} as const satisfies Readonly<Record<string, TrainingTask>>;

export type TrainingTaskName = keyof typeof trainingTasks;

/** System C's network at the size its base run had. */
function simpleCnn(): Model {
  const stage = (filters: number) => [
    layer.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu" }),
    layer.maxPooling2d(),
  ];
  return sequential({ input: [3, 32, 32], name: "simplecnn" }, [
    ...stage(64),
    ...stage(128),
    ...stage(256),
    layer.flatten(),
    layer.dense({ units: 512, activation: "relu" }),
    layer.dropout(0.25),
    layer.dense({ units: 256, activation: "relu" }),
    layer.dense({ units: 100, activation: "softmax" }),
  ]);
}
