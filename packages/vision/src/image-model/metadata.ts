import { isJsonObject, parseJson, type JsonValue } from "@argmin/base";

/**
 * @file What the file of a network of images says beside its graph, so that it can be used by itself: how pixels come in, under the keys
 * that ONNX proposes for images (onnx.ai, MetadataProps), and what the outputs mean.
 */

/** What a network of images is for. */
export interface ImageTask {
  /** 1 for grey images, 3 for coloured ones. */
  readonly channels: number;
  /** The names of the classes by the name of the output that tells them apart: `output` for a network that has but one. */
  readonly classes: Readonly<Record<string, readonly string[]>>;
  /** The data set that it was trained on, as `argmin evaluate` names it. */
  readonly dataset?: string | undefined;
}

const keys = {
  pixels: "Image.BitmapPixelFormat",
  gamma: "Image.ColorSpaceGamma",
  range: "Image.NominalPixelRange",
  classes: "classes",
  dataset: "dataset",
} as const;

/** `metadata` for `exportOnnx` of a network that takes pixels divided by 255, as all of argmin's do. */
export function imageMetadata({ channels, classes, dataset }: ImageTask): Readonly<Record<string, string>> {
  return {
    [keys.pixels]: channels === 1 ? "Gray8" : "Rgb8",
    [keys.gamma]: "SRGB",
    [keys.range]: "Normalized_0_1",
    [keys.classes]: JSON.stringify(classes),
    ...(dataset === undefined ? {} : { [keys.dataset]: dataset }),
  };
}

/** What a file says of its images; undefined is what it does not say. */
export interface SaidOfImages {
  /** In small letters, as the values that ONNX proposes are to be compared. */
  readonly pixels: string | undefined;
  readonly range: string | undefined;
  readonly classes: Readonly<Record<string, readonly string[]>> | undefined;
  readonly dataset: string | undefined;
}

/**
 * Reads what `imageMetadata` wrote, or another program under the same keys.
 *
 * @param file - What messages call it.
 * @throws ArgminError `json/invalid` if the classes are no JSON.
 */
export function readImageMetadata(metadata: Readonly<Record<string, string>>, file: string): SaidOfImages {
  const said = new Map(Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value]));
  const classes = said.get(keys.classes);
  return {
    pixels: said.get(keys.pixels.toLowerCase())?.toLowerCase(),
    range: said.get(keys.range.toLowerCase())?.toLowerCase(),
    classes: classes === undefined ? undefined : namesOf(parseJson(classes, `The list of class names in ${file}`)),
    dataset: said.get(keys.dataset),
  };
}

/** Lists of texts by output; undefined for anything else, which another program may mean by `classes`. */
function namesOf(value: JsonValue): SaidOfImages["classes"] {
  if (!isJsonObject(value)) return undefined;
  const lists = Object.entries(value).map(([output, names]) => [output, Array.isArray(names) ? names.map(String) : []] as const);
  return Object.fromEntries(lists.filter(([, names]) => names.length > 0));
}
