import { ArgminError, listed } from "@argmin/base";
import type { OnnxShape, ReadModel, SavedNetwork, SavedValue } from "@argmin/nn";
import type { SaidOfImages } from "./metadata.ts";

/** How images get into a network. */
export interface ImageInput {
  readonly name: string;
  readonly size: readonly [channels: number, height: number, width: number];
  /** Numbers of one image. */
  readonly length: number;
  /** The only number of images that the file takes at a time; undefined where any will do. */
  readonly fixedBatch: number | undefined;
  /** Writes pixels from 0 to 255 as the network wants them. */
  readonly write: (into: Float32Array, pixels: Uint8Array) => void;
  readonly notes: readonly string[];
}

/** An output that tells classes apart. */
export interface ImageModelOutput {
  readonly name: string;
  /** How many classes. */
  readonly units: number;
  /** Their names; undefined where the file has none. */
  readonly classes: readonly string[] | undefined;
  /** Whether the shares of an image sum to one; else each class is judged by itself. */
  readonly isDistribution: boolean;
  /** Of what the network gives, `[image, class]`. */
  readonly probabilities: (scores: Float32Array) => Float32Array;
  /** A sentence on what is assumed of its numbers, where the file leaves that open. */
  readonly note: string | undefined;
}

/** @throws ArgminError `model/invalid` if the network does not take images of one size. */
export function inputOf({ inputs, model }: SavedNetwork, file: string, said: SaidOfImages): ImageInput {
  const [only] = inputs;
  const size = inputs.length === 1 && only?.type === "float32" ? sizeOf(only.shape) : undefined;
  if (only === undefined || size === undefined)
    throw new ArgminError(
      "model/invalid",
      `${file} takes ${described(inputs)}; wanted is a network with one input of images, float32 [batch, 1 or 3, height, width].`,
    );
  const [channels, height, width] = size;
  const form = pixelFormOf({ channels, file, producer: model.producer }, said);
  const [batch] = only.shape;
  return {
    name: only.name,
    size,
    length: channels * height * width,
    fixedBatch: typeof batch === "number" && batch > 0 ? batch : undefined,
    write: writer(form, height * width),
    notes: form.notes,
  };
}

/** How a network wants pixels: a pixel from 0 to 255 divided, then shifted. */
export interface PixelForm {
  readonly divisor: number;
  readonly offset: number;
  /** Whether blue comes first. */
  readonly isReversed: boolean;
  readonly notes: readonly string[];
}

/** @throws ArgminError `model/invalid` for pixels of a kind that is not known here, or of another number of channels. */
export function pixelFormOf(
  { channels, file, producer }: { readonly channels: number; readonly file: string; readonly producer: string },
  { pixels, range }: Pick<SaidOfImages, "pixels" | "range">,
): PixelForm {
  const scale = scales[range ?? usualRange];
  if (scale === undefined || (pixels !== undefined && channelsOf[pixels] !== channels))
    throw new ArgminError(
      "model/invalid",
      `${file} wants its ${channels === 1 ? "channel" : `${channels} channels`} as ${pixels ?? "pixels"} of ${range ?? usualRange}, which is not known here.`,
    );
  const [divisor, offset] = scale;
  const isKnown = range !== undefined || producer === "argmin";
  const notes = isKnown ? [] : [`${file} does not say how it wants pixels: they are given as numbers from 0 to 1.`];
  return { divisor, offset, isReversed: pixels === "bgr8", notes };
}

/** Channels, height and width, if it is a shape of images of one size. */
function sizeOf(shape: OnnxShape): ImageInput["size"] | undefined {
  const [, channels, height, width] = shape.map(Number);
  if (shape.length !== 4 || (channels !== 1 && channels !== 3) || height === undefined || width === undefined) return undefined;
  return height > 0 && width > 0 ? [channels, height, width] : undefined;
}

function described(values: readonly SavedValue[]): string {
  return values.length === 0
    ? "no inputs"
    : listed(values.map(({ name, type, shape }) => `${name}, ${type} [${shape.join(", ")}]`));
}

/** How a pixel from 0 to 255 becomes a number of the network's range: its factor, and what is added. */
const scales: Readonly<Record<string, readonly [divisor: number, offset: number]>> = {
  nominalrange_0_255: [1, 0],
  normalized_0_1: [255, 0],
  normalized_1_1: [127.5, -1],
};
const usualRange = "normalized_0_1";

const channelsOf: Readonly<Record<string, number>> = { gray8: 1, rgb8: 3, bgr8: 3 };

function writer({ divisor, offset, isReversed }: PixelForm, area: number): ImageInput["write"] {
  // A table of the 256 values: the same float32 numbers as the engine's division gives.
  const values = Float32Array.from({ length: 256 }, (_, pixel) => Math.fround(pixel / divisor) + offset);
  return (into, pixels) => {
    for (let i = 0; i < pixels.length; i++) into[i] = values[pixels[i]!]!;
    if (!isReversed) return;
    for (let start = 0; start < pixels.length; start += 3 * area) {
      const first = into.slice(start, start + area);
      into.copyWithin(start, start + 2 * area, start + 3 * area);
      into.set(first, start + 2 * area);
    }
  };
}

/** @throws ArgminError `model/invalid` if there is an output that does not give one number a class. */
export function outputsOf(
  { outputs, model }: SavedNetwork,
  file: string,
  { classes }: SaidOfImages,
): readonly ImageModelOutput[] {
  return outputs.map(({ name, type, shape }) => {
    const [, units] = shape;
    if (shape.length !== 2 || type !== "float32" || typeof units !== "number" || units < 1)
      throw new ArgminError(
        "model/invalid",
        `The output ${name} of ${file} is ${type} [${shape.join(", ")}]; wanted is one number a class, float32 [batch, classes].`,
      );
    const names = classes?.[name];
    if (names !== undefined && names.length !== units)
      throw new ArgminError("model/invalid", `${file} names ${names.length} classes for its output ${name}, which has ${units}.`);
    const end = lastOperatorOf(model, name) ?? "";
    const isDistribution = end !== "Sigmoid" && units > 1;
    const isScored = end !== "Softmax" && isDistribution;
    // Of a single class a number that nothing has brought between 0 and 1 is a logit.
    const isLogit = units === 1 && !bounded.has(end);
    return {
      name,
      units,
      classes: names,
      isDistribution,
      probabilities: isScored ? (scores) => softmax(scores, units) : isLogit ? sigmoid : identity,
      note: isLogit
        ? `The output ${name} of ${file} is one number that may be of any size: it is taken for a logit, and its sigmoid shown.`
        : undefined,
    };
  });
}

/** Operators whose numbers are shares as they are. */
const bounded: ReadonlySet<string> = new Set(["Sigmoid", "HardSigmoid", "Softmax"]);

const identity = (scores: Float32Array): Float32Array => scores;

const sigmoid = (scores: Float32Array): Float32Array => scores.map((score) => 1 / (1 + Math.exp(-score)));

/** Operators that hand their numbers on. */
const passing: ReadonlySet<string> = new Set(["Identity", "Reshape", "Flatten", "Squeeze", "Cast"]);

/** The operator that makes an output's numbers. */
function lastOperatorOf({ nodes }: Pick<ReadModel, "nodes">, output: string): string | undefined {
  const maker = nodes.find(({ outputs }) => outputs.includes(output));
  if (maker === undefined || !passing.has(maker.op)) return maker?.op;
  return lastOperatorOf({ nodes: nodes.slice(0, nodes.indexOf(maker)) }, maker.inputs[0] ?? "");
}

/** Scores of any size as shares that sum to one; of their logarithms, too. */
function softmax(scores: Float32Array, units: number): Float32Array {
  const shares = new Float32Array(scores.length);
  for (let start = 0; start < scores.length; start += units) {
    const row = scores.subarray(start, start + units);
    const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const weights = Array.from(row, (score) => Math.exp(score - most));
    const sum = weights.reduce((a, b) => a + b, 0);
    weights.forEach((weight, i) => (shares[start + i] = weight / sum));
  }
  return shares;
}
