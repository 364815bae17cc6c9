import { defineExperiment } from "../experiment.ts";
import { loadImages } from "./cifar/images.ts";
import { options } from "./simplecnn-cifar100/options.ts";
import { points, space } from "./simplecnn-cifar100/space.ts";
import { costOf, evaluateCandidate, METRIC, networkOf, retrainCandidate } from "./simplecnn-cifar100/training.ts";

/** A small convolutional network for CIFAR-100 whose width and training are searched for. */
export const simplecnnCifar100 = defineExperiment({
  name: "simplecnn-cifar100",
  summary: "Name what is on the tiny images of CIFAR-100: three convolutions, their width and how they are trained",
  options,
  space,
  points,
  metric: "validation accuracy",
  direction: "maximize",
  step: "epoch",
  range: [0, 1],
  trials: 28,
  sampler: "tpe",
  prepare: (environment) => loadImages("cifar100", environment),
  cost: costOf,
  network: networkOf,
  curve: ({ epochs }) => ({ metric: METRIC, steps: epochs ?? 50 }),
  objective: evaluateCandidate,
  retrain: retrainCandidate,
});
