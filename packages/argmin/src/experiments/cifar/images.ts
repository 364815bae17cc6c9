import { ArgminError, Rng } from "@argmin/base";
import { loadCifar10, loadCifar100, stratifiedSplit, stratifiedSubset, type LabelledImages, type Split } from "@argmin/vision";
import type { Environment } from "../../experiment.ts";

/** Images with fine labels and, where classes form groups, coarse ones. */
export interface Images extends LabelledImages {
  readonly coarseLabels?: Uint8Array;
  readonly coarseClasses?: readonly string[];
}

/** A search sees `train` alone; `test` is looked at once, by whoever trains for good. */
export interface ImageSets {
  readonly train: Images;
  readonly test: Images;
}

export type DatasetName = "cifar10" | "cifar100";

const loaders: { readonly [Name in DatasetName]: typeof loadCifar10 | typeof loadCifar100 } = {
  cifar10: loadCifar10,
  cifar100: loadCifar100,
};

/** The 50,000 training and 10,000 test images. */
export async function loadImages(
  dataset: DatasetName,
  { dataFolder, signal, log }: Pick<Environment, "dataFolder" | "signal" | "log">,
): Promise<ImageSets> {
  return loaders[dataset]({ dataFolder, signal, log });
}

/** How many of the training images a search holds out to validate on: a tenth, 5,000 of 50,000. */
export function holdoutOf({ count }: Images): number {
  return Math.floor(count / 10);
}

/** How many images of each kind to take. */
export interface Parts {
  /** Images to validate on, drawn class by class, the same for the same seed whatever the subset. */
  readonly holdout: number;
  /** Images to train on; undefined: all others. */
  readonly subset?: number | undefined;
  readonly seed: number;
}

/**
 * Training and validation images of a search. Of a subset, a quarter as many are validated on, if that is fewer than the holdout.
 *
 * @throws ArgminError `value/invalid` if there are not so many images.
 */
export function partition({ labels, count }: Images, { holdout, subset, seed }: Parts): Split {
  const own = subset === undefined ? [] : [`${subset} to train on`];
  if (holdout >= count || (subset !== undefined && subset > count - holdout)) {
    throw new ArgminError(
      "value/invalid",
      `There are ${count} training images: ${[...own, `${holdout} to hold out`].join(" and ")} are too many; ask for fewer.`,
    );
  }
  const rng = Rng.fromSeed(seed);
  const split =
    holdout === 0
      ? { training: Uint32Array.from({ length: count }, (_, i) => i), validation: new Uint32Array() }
      : stratifiedSplit(labels, holdout / count, rng.split("holdout"));
  if (subset === undefined) return split;
  return {
    training: reduced(split.training, labels, subset, rng.split("subset")),
    validation: reduced(split.validation, labels, Math.ceil(subset / 4), rng.split("validation subset")),
  };
}

/** As many of these indices, class by class, in their order. */
function reduced(indices: Uint32Array, labels: Uint8Array, count: number, rng: Rng): Uint32Array {
  if (count >= indices.length) return indices;
  const own = indices.map((index) => labels[index]!);
  return stratifiedSubset(own, count, rng).map((place) => indices[place]!);
}
