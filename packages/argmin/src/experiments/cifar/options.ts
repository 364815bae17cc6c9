import type { OptionTable } from "../../experiment.ts";

/** Flags that the experiments on these images share. */
export const options = {
  subset: {
    kind: "integer",
    min: 100,
    max: 45_000,
    help: "train on so many images, and validate on a quarter as many; all unless given",
    budget: true,
  },
} as const satisfies OptionTable;
