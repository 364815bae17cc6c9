import { defineExperiment } from "../experiment.ts";
import { loadImages } from "./cifar/images.ts";
import { costOf, networkOf } from "./vooban-cifar100/cost.ts";
import { documentTrial } from "./vooban-cifar100/document.ts";
import { options } from "./vooban-cifar100/options.ts";
import { points, space } from "./vooban-cifar100/space.ts";
import { evaluateCandidate, METRIC, retrainCandidate } from "./vooban-cifar100/training.ts";

/** A convolutional network for CIFAR-100 whose architecture and training are searched for with TPE, for ever. */
export const voobanCifar100 = defineExperiment({
  name: "vooban-cifar100",
  summary: "Name what is on the tiny images of CIFAR-100: architecture and training of a convolutional network, TPE",
  options,
  space,
  points,
  metric: "fine validation accuracy",
  direction: "maximize",
  step: "epoch",
  range: [0, 1],
  trials: "unlimited",
  sampler: "tpe",
  prepare: (environment) => loadImages(environment.options.dataset, environment),
  cost: costOf,
  network: networkOf,
  curve: ({ epochs }) => ({ metric: METRIC, steps: epochs }),
  objective: evaluateCandidate,
  document: documentTrial,
  retrain: retrainCandidate,
});
