import type { Experiment } from "../experiment.ts";

/** The experiments that come with the program; each is imported only when it is used. */
export const bundledExperiments: Readonly<Record<string, () => Promise<Experiment>>> = {
  "mnist-2v7": async () => (await import("../experiments/mnist-2v7.ts")).mnist2v7,
  "simplecnn-cifar100": async () => (await import("../experiments/simplecnn-cifar100.ts")).simplecnnCifar100,
  "vooban-cifar100": async () => (await import("../experiments/vooban-cifar100.ts")).voobanCifar100,
};
