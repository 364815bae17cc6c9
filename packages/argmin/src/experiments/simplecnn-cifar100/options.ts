import type { OptionsOf, OptionTable } from "../../experiment.ts";

/** The flags of the experiment. */
export const options = {
  epochs: {
    kind: "integer",
    min: 1,
    max: 100_000,
    help: "epochs of every training, in place of the parameter of that name",
    budget: true,
  },
  subset: {
    kind: "integer",
    min: 100,
    max: 45_000,
    help: "train on so many images, and validate on a quarter as many; all unless given",
    budget: true,
  },
} as const satisfies OptionTable;

export type Options = OptionsOf<typeof options>;
