import type { OptionsOf, OptionTable } from "../../experiment.ts";
import { options as cifar } from "../cifar/options.ts";

/** The flags of the experiment. */
export const options = {
  epochs: {
    kind: "integer",
    min: 1,
    max: 100_000,
    help: "epochs of every training, in place of the parameter of that name",
    budget: true,
  },
  recipe: {
    kind: "choice",
    of: ["published", "one-cycle"],
    default: "published",
    help: "candidates train at their own rate throughout, as published, or in one cycle up to ten times that rate and down again",
  },
  ...cifar,
} as const satisfies OptionTable;

export type Options = OptionsOf<typeof options>;
