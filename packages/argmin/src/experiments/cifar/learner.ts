import type { Evaluation, FitOptions, History, Labels, PassOptions, Predictions, Trainer } from "@argmin/nn";
import type { Images } from "./images.ts";

/** What is trained on, and how long. */
export interface LearnOptions extends Omit<FitOptions, "validation"> {
  /** Which of the images to train on; all unless given. */
  readonly training?: Uint32Array | undefined;
  /** Which of the same images to judge each epoch by. */
  readonly validation?: Uint32Array | undefined;
}

/** A network that learns from labelled images, however many heads it has. */
export interface Learner {
  /** Epochs finished since the weights were new. */
  readonly epoch: number;
  /** The names of the network's outputs, `output` where it has but one. */
  readonly outputs: readonly string[];
  fit(images: Images, options: LearnOptions): Promise<History>;
  evaluate(images: Images, options: PassOptions): Promise<Evaluation>;
  /** What the network gives each of the fine classes for the first so many images, `[image, class]`. */
  predict(images: Images, count: number, options: PassOptions): Promise<Float32Array>;
  save(path: string, options: { readonly optimizer: boolean }): Promise<void>;
  load(path: string, options: { readonly optimizer: boolean }): Promise<void>;
  /** @param metadata - What the file says beside the network. */
  exportOnnx(path: string, metadata: Readonly<Record<string, string>>): Promise<unknown>;
  dispose(): Promise<void>;
}

/**
 * @param labelsOf - The labels of each of the network's heads.
 * @param fineOf - What the head of the fine classes gave.
 */
export function createLearner<Output extends string>(
  trainer: Trainer<Output>,
  labelsOf: (images: Images) => Labels<Output>,
  fineOf: (predictions: Predictions<Output>) => Float32Array,
): Learner {
  const examples = (images: Images, indices: Uint32Array | undefined) => ({
    ...images,
    labels: labelsOf(images),
    ...(indices === undefined ? {} : { indices }),
  });
  return {
    get epoch() {
      return trainer.epoch;
    },
    outputs: trainer.model.outputs.map(({ name = "output" }) => name),
    fit: (images, { training, validation, ...options }) =>
      trainer.fit(examples(images, training), {
        ...options,
        ...(validation === undefined ? {} : { validation: examples(images, validation) }),
      }),
    evaluate: (images, options) => trainer.evaluate(examples(images, undefined), options),
    predict: async ({ images, count: all }, count, options) =>
      fineOf(await trainer.predict({ images: images.subarray(0, Math.min(count, all) * (images.length / all)) }, options)),
    save: (path, options) => trainer.save(path, options),
    load: (path, options) => trainer.load(path, options),
    exportOnnx: (path, metadata) => trainer.exportOnnx(path, { metadata }),
    dispose: () => trainer.dispose(),
  };
}
