import { ArgminError } from "@argmin/base";

/** Images of one size with one label each. Pixels stay bytes until a batch is made. */
export interface LabelledImages {
  /** Pixels, `[count, channels, height, width]`, 0 to 255. */
  readonly images: Uint8Array;
  /** One class number an image, an index of `classes`. */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The name of each class, in the order of the class numbers. */
  readonly classes: readonly string[];
}

/** Images whose classes are grouped: each has the number of its group as a second, coarser label. */
export interface Cifar100Images extends LabelledImages {
  /** One group number an image, an index of `coarseClasses`. */
  readonly coarseLabels: Uint8Array;
  readonly coarseClasses: readonly string[];
}

/**
 * The images of certain classes, in their old order, numbered anew: `wanted[0]` becomes class 0, `wanted[1]` class 1.
 * Class names are kept, and so are coarse labels as they are.
 *
 * @throws ArgminError `value/invalid` if a wanted class does not exist or is named twice, or none is.
 */
export function selectClasses(set: Cifar100Images, wanted: readonly number[]): Cifar100Images;
export function selectClasses(set: LabelledImages, wanted: readonly number[]): LabelledImages;
export function selectClasses(set: LabelledImages | Cifar100Images, wanted: readonly number[]): LabelledImages {
  const renumbered = new Map<number, number>();
  for (const old of wanted) {
    if (set.classes[old] === undefined) {
      throw new ArgminError(
        "value/invalid",
        `There is no class ${old}; the classes are numbered 0 to ${set.classes.length - 1}.`,
      );
    }
    if (renumbered.has(old)) {
      throw new ArgminError("value/invalid", `Class ${old} is selected twice in [${wanted.join(", ")}]; name each class once.`);
    }
    renumbered.set(old, renumbered.size);
  }
  if (renumbered.size === 0) throw new ArgminError("value/invalid", "No class is selected; name at least one.");
  const kept = Uint32Array.from(set.labels.keys()).filter((index) => renumbered.has(set.labels[index]!));
  const view = selectImages(set, kept);
  return {
    ...view,
    labels: view.labels.map((label) => renumbered.get(label)!),
    classes: wanted.map((old) => set.classes[old]!),
  };
}

/**
 * The images at `indices`, in that order, copied.
 *
 * @throws ArgminError `value/invalid` if an index is not one of an image.
 */
export function selectImages(set: Cifar100Images, indices: ArrayLike<number>): Cifar100Images;
export function selectImages(set: LabelledImages, indices: ArrayLike<number>): LabelledImages;
export function selectImages(set: LabelledImages | Cifar100Images, indices: ArrayLike<number>): LabelledImages {
  const size = set.channels * set.height * set.width;
  const images = new Uint8Array(indices.length * size);
  const labels = new Uint8Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    const label = set.labels[index];
    if (label === undefined) {
      throw new ArgminError("value/invalid", `There is no image ${index}; the images are numbered 0 to ${set.count - 1}.`);
    }
    images.set(set.images.subarray(index * size, (index + 1) * size), i * size);
    labels[i] = label;
  }
  const selected: LabelledImages = { ...set, images, labels, count: indices.length };
  if (!("coarseLabels" in set)) return selected;
  const coarseLabels = Uint8Array.from({ length: indices.length }, (_, i) => set.coarseLabels[indices[i]!]!);
  const grouped: Cifar100Images = { ...set, ...selected, coarseLabels };
  return grouped;
}
