import { ArgminError } from "@argmin/base";
import type { ImageModelOutput } from "../image-model/interface.ts";
import type { Cifar100Images, LabelledImages } from "../labelled-images.ts";

/** Classes that images can be told apart by, and the class of each image. */
export interface LabelSet {
  readonly labels: Uint8Array;
  readonly classes: readonly string[];
  /** For each class the group that it belongs to, where classes form groups. */
  readonly groups: readonly string[] | undefined;
}

/** What a data set says of its images: their classes and, where these form groups, the groups. */
export function labelSetsOf(images: LabelledImages | Cifar100Images): readonly LabelSet[] {
  const { labels, classes } = images;
  if (!("coarseLabels" in images)) return [{ labels, classes, groups: undefined }];
  const { coarseLabels, coarseClasses } = images;
  const groupOf = new Map<number, number>();
  labels.forEach((label, i) => groupOf.set(label, coarseLabels[i]!));
  const names = classes.map((_, label) => coarseClasses[groupOf.get(label) ?? -1] ?? "");
  return [
    { labels, classes, groups: names },
    { labels: coarseLabels, classes: coarseClasses, groups: undefined },
  ];
}

/**
 * The classes that an output tells apart: those of its names, in its own order, or where its file has none those that are as many.
 *
 * @param what - What messages call the output and the data set, and what to do about other names.
 * @throws ArgminError `usage/invalid` if there are none such.
 */
export function labelSetFor(
  { units, classes }: Pick<ImageModelOutput, "units" | "classes">,
  sets: readonly LabelSet[],
  what: { readonly output: string; readonly dataset: string; readonly wayOut: string },
): LabelSet {
  const found =
    classes === undefined
      ? sets.find((set) => set.classes.length === units)
      : sets.flatMap((set) => inOrderOf(classes, set) ?? [])[0];
  if (found !== undefined) return found;
  const own = classes === undefined ? `${units} classes` : `the classes ${some(classes)}`;
  const alike = sets.find((set) => set.classes.length === classes?.length);
  const known = new Set(alike?.classes.map(plain));
  const odd = alike === undefined ? undefined : classes?.find((name) => !known.has(plain(name)));
  throw new ArgminError(
    "usage/invalid",
    `${what.output} tells ${own} apart, ${what.dataset} has ${sets.map((set) => some(set.classes)).join(", or ")}${odd === undefined ? "" : `, and no ${odd}`}; ${what.wayOut}.`,
  );
}

/** The set with its classes in the order of those names; itself where that is its own, undefined where they are not its names. */
function inOrderOf(names: readonly string[], set: LabelSet): LabelSet | undefined {
  const placeOf = new Map(names.map((name, place) => [plain(name), place]));
  const places = set.classes.map((name) => placeOf.get(plain(name)));
  const isSame = names.length === set.classes.length && placeOf.size === names.length;
  if (!isSame || places.some((place) => place === undefined)) return undefined;
  if (places.every((place, label) => place === label)) return set;
  const order = names.map((_, place) => places.indexOf(place));
  return {
    labels: set.labels.map((label) => places[label]!),
    classes: order.map((label) => set.classes[label]!),
    groups: set.groups === undefined ? undefined : order.map((label) => set.groups![label]!),
  };
}

/** A name however it is written: `Sweet pepper` is `sweet_pepper`. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, " ")
    .trim();
}

/** The first few of many names. */
function some(names: readonly string[]): string {
  return names.length <= 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} ... (${names.length})`;
}
