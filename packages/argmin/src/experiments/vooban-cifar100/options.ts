import type { OptionsOf, OptionTable } from "../../experiment.ts";
import { options as cifar } from "../cifar/options.ts";

/** The flags of the experiment. */
export const options = {
  dataset: { kind: "choice", of: ["cifar100", "cifar10"], default: "cifar100", help: "the images: cifar100 or cifar10" },
  epochs: { kind: "integer", min: 1, max: 100_000, default: 100, help: "epochs of a training", budget: true },
  ...cifar,
  heads: {
    kind: "choice",
    of: ["softmax", "sigmoid"],
    default: "softmax",
    help: "what the outputs go through: softmax, or sigmoid as published",
  },
} as const satisfies OptionTable;

export type Options = OptionsOf<typeof options>;
