import { input, layer, model, optimizer, type AnyModel, type Model, type OptimizerSettings } from "@argmin/nn";
import { fineAndCoarseNetwork } from "../../packages/argmin/src/experiments/vooban-cifar100/network.ts";
import { points, type Settings } from "../../packages/argmin/src/experiments/vooban-cifar100/space.ts";
import type { JsonObject } from "@argmin/base";

/** A network that is trained on random images of 32 x 32, on both sides. */
export interface TrainingTask {
  readonly title: string;
  readonly batch: number;
  /** Steps of one round: a few seconds of work on two threads. */
  readonly steps: number;
  readonly outputs: readonly TaskOutput[];
  readonly optimizer: OptimizerSettings;
  readonly build: () => AnyModel;
  /** The same network and optimizer for `bench/peers/train_cifar100.py`. */
  readonly peer: JsonObject;
}

export interface TaskOutput {
  readonly name: string;
  readonly classes: number;
  readonly weight: number;
}

export const trainingTasks = {
  "train-simplecnn": {
    title: "Training system C's base network, batch 128",
    batch: 128,
    steps: 16,
    outputs: [{ name: "fine", classes: 100, weight: 1 }],
    optimizer: optimizer.sgd({ learningRate: 0.01, momentum: 0.9 }),
    build: simpleCnn,
    peer: { network: "simplecnn", optimizer: "sgd", learningRate: 0.01, momentum: 0.9 },
  },
  "train-vooban-best": vooban("Training system A's best network, batch 320", points.published),
  "train-vooban-demo": vooban("Training system A's demo network, batch 300", points.demo),
} as const satisfies Readonly<Record<string, TrainingTask>>;

export type TrainingTaskName = keyof typeof trainingTasks;

/** System A's network at one point of its space. */
function vooban(title: string, settings: Settings): TrainingTask {
  const learningRate = 0.001 * settings.lr_rate_mult;
  return {
    title,
    batch: settings.batch_size,
    steps: 1,
    outputs: [
      { name: "fine", classes: 100, weight: 1 },
      { name: "coarse", classes: 20, weight: settings.coarse_labels_weight },
    ],
    optimizer: optimizer.nadam({ learningRate }),
    build: () => fineAndCoarseNetwork(settings, { classes: 100, coarseClasses: 20, heads: "softmax" }),
    peer: {
      network: "vooban",
      settings,
      outputWeights: [1, settings.coarse_labels_weight],
      optimizer: "nadam",
      learningRate,
      weightDecay: 2 * 0.0007 * settings.l2_weight_reg_mult,
    },
  };
}

/** System C's network at the size its base run had. */
function simpleCnn(): Model<"fine"> {
  const pixels = input([3, 32, 32]);
  const stage = (filters: number) => [
    layer.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu" }),
    layer.maxPooling2d(),
  ];
  const layers = [
    ...stage(64),
    ...stage(128),
    ...stage(256),
    layer.flatten(),
    layer.dense({ units: 512, activation: "relu" }),
    layer.dropout(0.25),
    layer.dense({ units: 256, activation: "relu" }),
    layer.dense({ units: 100, activation: "softmax" }),
  ];
  const fine = layers.reduce((x, next) => next(x), pixels);
  return model({ name: "simplecnn", input: pixels, output: { fine } });
}
