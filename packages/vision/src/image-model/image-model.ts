import { ArgminError, listed } from "@argmin/base";
import { openNetwork, type OpenNetworkOptions, type SavedNetwork } from "@argmin/nn";
import { inputOf, outputsOf, type ImageInput, type ImageModelOutput } from "./interface.ts";
import { readImageMetadata, type SaidOfImages } from "./metadata.ts";

/** A saved network that names what images show. */
export class ImageModel {
  readonly name: string;
  /** What it wants: `[channels, height, width]`. */
  readonly input: ImageInput["size"];
  readonly outputs: readonly ImageModelOutput[];
  /** The data set that it was trained on, if its file says so. */
  readonly dataset: string | undefined;
  /** What its file says beside the network. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Sentences on what the file does not say of its pixels and outputs, and what is assumed instead. */
  readonly notes: readonly string[];
  /** How many images are best looked at at a time. */
  readonly batchSize: number;
  readonly #network: SavedNetwork;
  readonly #input: ImageInput;

  constructor(network: SavedNetwork, file: string, said: SaidOfImages) {
    const { model } = network;
    this.#network = network;
    this.#input = inputOf(network, file, said);
    this.name = model.name;
    this.input = this.#input.size;
    this.outputs = outputsOf(network, file, said);
    this.dataset = said.dataset;
    this.metadata = model.metadata;
    this.notes = [...this.#input.notes, ...this.outputs.flatMap(({ note }) => note ?? [])];
    this.batchSize = this.#input.fixedBatch ?? Math.min(mostImages, Math.max(1, Math.floor(mostNumbers / this.#input.length)));
  }

  /**
   * What each output gives the classes of each image, `[image, class]`, in the outputs' order.
   *
   * @param pixels - `[count, channels, height, width]`, 0 to 255.
   * @throws ArgminError `model/invalid` if the network cannot run, or gives something else than it promised.
   */
  async predict(pixels: Uint8Array, count: number): Promise<readonly Float32Array[]> {
    const results = this.outputs.map(({ units }) => new Float32Array(count * units));
    const { length, fixedBatch } = this.#input;
    for (let from = 0; from < count; from += this.batchSize) {
      const rows = Math.min(this.batchSize, count - from);
      // A file that takes batches of one size only is given that, with rows that nobody looks at.
      const data = new Float32Array((fixedBatch ?? rows) * length);
      this.#input.write(data, pixels.subarray(from * length, (from + rows) * length));
      const given = await this.#network.run({ [this.#input.name]: { data, shape: [fixedBatch ?? rows, ...this.input] } });
      this.outputs.forEach((output, i) => {
        const { data: scores } = given[output.name]!;
        if (scores.length !== (fixedBatch ?? rows) * output.units)
          throw new ArgminError(
            "model/invalid",
            `The output ${output.name} gives ${scores.length} numbers for ${fixedBatch ?? rows} images, not ${output.units} each.`,
          );
        results[i]!.set(output.probabilities(scores.subarray(0, rows * output.units)), from * output.units);
      });
    }
    return results;
  }

  /** Frees the network; predicting afterwards is an error. */
  async dispose(): Promise<void> {
    await this.#network.dispose();
  }
}

/** More images at a time are no faster. */
const mostImages = 64;
/** Of a batch, so that one of large images stays small. */
const mostNumbers = 4e6;

export interface OpenImageModelOptions extends OpenNetworkOptions {
  /** Names for the classes of the outputs that have as many, whatever the file calls them. */
  readonly classNames?: readonly string[] | undefined;
}

/**
 * Opens the bytes of an .onnx file whose network tells classes of images apart.
 *
 * @param file - What messages call it.
 * @throws ArgminError `model/invalid` if the bytes are no ONNX model, or one with other inputs or outputs; `json/invalid` if what it
 *   says of its classes is no JSON; `usage/invalid` if no output has as many classes as there are names; `runtime/device` if the device
 *   cannot be used here.
 */
export async function openImageModel(
  bytes: Uint8Array,
  file: string,
  { classNames, ...options }: OpenImageModelOptions = {},
): Promise<ImageModel> {
  const network = await openNetwork(bytes, file, options);
  try {
    const said = readImageMetadata(network.model.metadata, file);
    return new ImageModel(network, file, classNames === undefined ? said : withNames(said, network, file, classNames));
  } catch (error) {
    await network.dispose();
    throw error;
  }
}

function withNames(said: SaidOfImages, { outputs }: SavedNetwork, file: string, names: readonly string[]): SaidOfImages {
  const named = outputs.filter(({ shape }) => shape[1] === names.length);
  if (named.length > 0)
    return { ...said, classes: { ...said.classes, ...Object.fromEntries(named.map(({ name }) => [name, names])) } };
  const sizes = outputs.map(({ name, shape }) => `${name} has ${shape[1] ?? "none"}`);
  throw new ArgminError(
    "usage/invalid",
    `${names.length} class names are too few or too many for ${file}: its output ${listed(sizes)}; give one a class.`,
  );
}
