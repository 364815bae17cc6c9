import { compileModel, layer, optimizer, sequential, type Model, type OptimizerSettings, type Trainer } from "@argmin/nn";
import type { Cost, Environment } from "../../experiment.ts";
import { costOfModel } from "../cost-of-model.ts";
import type { Settings } from "./space.ts";

/** The layers of a candidate, from `[1, 28, 28]` to the probabilities of the two digits. */
export function createNetwork({ neurons, activator, dropout_rate1, dropout_rate2 }: Settings): Model {
  return sequential({ input: [1, 28, 28], name: "mnist-2v7" }, [
    layer.conv2d({ filters: 4, kernelSize: 3 }),
    layer.conv2d({ filters: 8, kernelSize: 3 }),
    layer.maxPooling2d(),
    layer.dropout(dropout_rate1),
    layer.flatten(),
    layer.dense({ units: neurons, activation: activator }),
    layer.dropout(dropout_rate2),
    layer.dense({ units: 2, activation: "softmax" }),
  ]);
}

const optimizers: Readonly<Record<Settings["optimizer"], (options: { learningRate: number }) => OptimizerSettings>> = {
  Adam: optimizer.adam,
  SGD: optimizer.sgd,
  Adamax: optimizer.adamax,
  Nadam: optimizer.nadam,
};

/** What a candidate's network costs. */
export function costOf(settings: Settings): Cost {
  return costOfModel(createNetwork(settings), { batchSize: settings.batch_size, optimizer: optimizerOf(settings) });
}

function optimizerOf({ optimizer, learning_rate }: Settings): OptimizerSettings {
  return optimizers[optimizer]({ learningRate: learning_rate });
}

/** A candidate ready to learn. */
export function createTrainer(settings: Settings, { device, threads }: Pick<Environment, "device" | "threads">): Trainer {
  return compileModel(createNetwork(settings), {
    loss: "categoricalCrossentropy",
    optimizer: optimizerOf(settings),
    device,
    threads,
  });
}
