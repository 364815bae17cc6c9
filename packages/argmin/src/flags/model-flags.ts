import { choiceFlag } from "./values.ts";

/** Flags of commands that take a saved model and no experiment: experiments may have options of the same names. */
export const modelFlags = {
  dataset: choiceFlag(["mnist", "cifar10", "cifar100"], {
    placeholder: "NAME",
    help: "the images: mnist, cifar10 or cifar100; what the model was trained on unless given",
  }),
} as const;
