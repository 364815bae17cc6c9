import type { Cifar100Images, LabelledImages } from "../labelled-images.ts";
import { cifar100Layout, cifar10Layout, type CifarLayout } from "./layout.ts";
import { obtainCifar } from "./obtain.ts";
import { CHANNELS, parseClassNames, parseRecords, SIDE, type CifarRecords, type NamedBytes } from "./records.ts";

/** CIFAR-10 with its standard split. */
export interface Cifar10 {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** CIFAR-100 with its standard split: `labels` are the 100 classes, `coarseLabels` the 20 groups they belong to. */
export interface Cifar100 {
  readonly train: Cifar100Images;
  readonly test: Cifar100Images;
}

export interface LoadCifarOptions {
  /**
   * A folder that holds the official archive, the folder it unpacks to, or the files of that. Without it: the folder named
   * by ARGMIN_DATA, then the cache folder, then a download into the cache folder. An archive is unpacked into the cache
   * folder the first time it is met.
   */
  readonly dataFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told a line of progress about once a second while a set is downloaded. */
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * Krizhevsky's tiny images in 10 classes: 50,000 training and 10,000 test images, `[count, 3, 32, 32]`.
 * Local files are judged by their structure, so the same images in another order, or fewer of them, will do; a download is
 * held to its published digest.
 *
 * @throws ArgminError `data/missing` with what to put where, `data/corrupt` with the file and what is wrong with it,
 * `file/full` or `file/unwritable` if a download cannot be kept.
 */
export async function loadCifar10(options: LoadCifarOptions = {}): Promise<Cifar10> {
  const { train, test, classNames } = await load(cifar10Layout, options);
  const [classes = []] = classNames;
  const images = (set: CifarRecords): LabelledImages => {
    const [labels = new Uint8Array()] = set.columns;
    return { images: set.images, labels, count: set.count, height: SIDE, width: SIDE, channels: CHANNELS, classes };
  };
  return { train: images(train), test: images(test) };
}

/**
 * Krizhevsky's tiny images in 100 classes that form 20 groups: 50,000 training and 10,000 test images, `[count, 3, 32, 32]`.
 * Local files are judged by their structure, so the same images in another order, or fewer of them, will do; a download is
 * held to its published digest.
 *
 * @throws ArgminError `data/missing` with what to put where, `data/corrupt` with the file and what is wrong with it,
 * `file/full` or `file/unwritable` if a download cannot be kept.
 */
export async function loadCifar100(options: LoadCifarOptions = {}): Promise<Cifar100> {
  const { train, test, classNames } = await load(cifar100Layout, options);
  const [coarseClasses = [], classes = []] = classNames;
  const images = (set: CifarRecords): Cifar100Images => {
    const [coarseLabels = new Uint8Array(), labels = new Uint8Array()] = set.columns;
    return {
      images: set.images,
      labels,
      coarseLabels,
      count: set.count,
      height: SIDE,
      width: SIDE,
      channels: CHANNELS,
      classes,
      coarseClasses,
    };
  };
  return { train: images(train), test: images(test) };
}

interface CifarParts {
  readonly train: CifarRecords;
  readonly test: CifarRecords;
  /** In the order of a record's label bytes. */
  readonly classNames: readonly (readonly string[])[];
}

async function load(layout: CifarLayout, options: LoadCifarOptions): Promise<CifarParts> {
  const files = await obtainCifar(layout, options);
  const fileNamed = (name: string): NamedBytes => {
    const file = files.get(name);
    if (!file) throw new Error(`internal: ${name} was not read`);
    return file;
  };
  const classNames = layout.labels.map((label) => parseClassNames(fileNamed(label.file), label));
  return {
    train: parseRecords(layout.trainFiles.map(fileNamed), layout.labels),
    test: parseRecords([fileNamed(layout.testFile)], layout.labels),
    classNames,
  };
}
