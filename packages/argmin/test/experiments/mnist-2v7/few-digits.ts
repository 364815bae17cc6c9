import { selectImages, stratifiedFolds, type LabelledImages } from "@argmin/vision";
import { Rng } from "@argmin/base";
import type { TrialContext } from "../../../src/experiment.ts";
import { loadDigits, type Digits } from "../../../src/experiments/mnist-2v7/digits.ts";
import type { Settings } from "../../../src/experiments/mnist-2v7/space.ts";

/** A candidate that learns within an epoch or two. */
export const goodSettings: Settings = {
  batch_size: 16,
  optimizer: "Adam",
  learning_rate: 0.005,
  epochs: 4,
  activator: "relu",
  dropout_rate1: 0.1,
  dropout_rate2: 0,
  neurons: 16,
};

/** About 300 real digits to learn from, and 100 to be tested on. */
export async function loadFewDigits(): Promise<Digits> {
  const { train, test } = await loadDigits({ dataFolder: undefined, signal: new AbortController().signal });
  return { train: some(train, 40), test: some(test, 20) };
}

/** Images of which none says anything about its label. */
export function blank(set: LabelledImages): LabelledImages {
  return { ...set, images: new Uint8Array(set.images.length) };
}

type Reported = {
  readonly step: number;
  readonly phase: string | undefined;
  readonly of: number | undefined;
  readonly metrics: object;
};

/** What an objective is given, and what it reported. */
export function contextOf(data: Digits, seed = 1): TrialContext<Digits> & { readonly reports: readonly Reported[] } {
  const reports: Reported[] = [];
  return {
    data,
    seed,
    number: 0,
    rng: Rng.fromSeed(seed).split("trial", 0),
    dataFolder: undefined,
    device: "cpu",
    threads: 1,
    study: "test",
    graceMs: 1000,
    options: {},
    signal: new AbortController().signal,
    log: () => undefined,
    report: async (step, metrics, { phase, of } = {}) => void reports.push({ step, phase, of, metrics }),
    reports,
  };
}

/** One `share`th of a set, its classes in proportion. */
function some(set: LabelledImages, share: number): LabelledImages {
  return selectImages(set, stratifiedFolds(set.labels, share, Rng.fromSeed("few"))[0]?.validation ?? []);
}
