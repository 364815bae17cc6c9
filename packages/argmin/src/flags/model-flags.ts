import { choiceFlag, folderFlag, integerFlag, textFlag } from "./values.ts";

/** Flags of commands that take a saved model and no experiment. */
export const modelFlags = {
  top: integerFlag({ placeholder: "N", min: 1, max: 1e6, help: "the likeliest classes to tell of each image; 5 unless given" }),
  classes: textFlag({ placeholder: "FILE", help: "the names of the classes, one a line, for a model that has none" }),
  dataset: choiceFlag(["mnist", "cifar10", "cifar100"], {
    placeholder: "NAME",
    help: "the images: mnist, cifar10 or cifar100; what the model was trained on unless given",
  }),
  beside: folderFlag("the folder to write to; that of the model unless given"),
} as const;
