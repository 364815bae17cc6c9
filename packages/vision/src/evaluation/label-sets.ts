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
 * The classes that an output tells apart: those of its names or, where its file has none, those that are as many.
 *
 * @param what - What messages call the output, and the data set.
 * @throws ArgminError `usage/invalid` if there are none such.
 */
export function labelSetFor(
  { units, classes }: Pick<ImageModelOutput, "units" | "classes">,
  sets: readonly LabelSet[],
  what: { readonly output: string; readonly dataset: string },
): LabelSet {
  const found = sets.find((set) =>
    classes === undefined ? set.classes.length === units : set.classes.join("\n") === classes.join("\n"),
  );
  if (found !== undefined) return found;
  const own = classes === undefined ? `${units} classes` : `the classes ${some(classes)}`;
  throw new ArgminError(
    "usage/invalid",
    `${what.output} tells ${own} apart, ${what.dataset} has ${sets.map((set) => some(set.classes)).join(", or ")}; name the data set that it was trained on with --dataset.`,
  );
}

/** The first few of many names. */
function some(names: readonly string[]): string {
  return names.length <= 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} ... (${names.length})`;
}
