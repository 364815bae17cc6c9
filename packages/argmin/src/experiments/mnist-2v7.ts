import { defineExperiment } from "../experiment.ts";
import { loadDigits } from "./mnist-2v7/digits.ts";
import { estimateCost } from "./mnist-2v7/estimate.ts";
import { costOf, createNetwork } from "./mnist-2v7/network.ts";
import { crossValidate, refit } from "./mnist-2v7/protocol.ts";
import { points, space } from "./mnist-2v7/space.ts";

/** A small convolutional network that tells the handwritten digits 2 and 7 apart, found by random search. */
export const mnist2v7 = defineExperiment({
  name: "mnist-2v7",
  summary: "Tell the handwritten digits 2 and 7 apart: a small network, random search, 3-fold cross-validation",
  space,
  points,
  metric: "validation accuracy",
  direction: "maximize",
  step: "epoch",
  trials: 20,
  sampler: "random",
  prepare: loadDigits,
  cost: costOf,
  network: createNetwork,
  objective: crossValidate,
  finish: refit,
  estimate: estimateCost,
});
