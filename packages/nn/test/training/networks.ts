import { Rng } from "@argmin/base";
import {
  compileModel,
  layer,
  sequential,
  type ActivationName,
  type CompileOptions,
  type Examples,
  type Model,
  type Trainer,
} from "@argmin/nn";

/** System B's network on images of any size. */
export function smallNetwork(
  options: {
    readonly size?: number;
    readonly activation?: ActivationName;
    readonly dropout?: number;
    readonly neurons?: number;
  } = {},
): Model {
  const { size = 10, activation = "relu", dropout = 0.25, neurons = 8 } = options;
  return sequential({ input: [1, size, size] }, [
    layer.conv2d({ filters: 4, kernelSize: 3, activation: "relu" }),
    layer.conv2d({ filters: 8, kernelSize: 3, activation: "relu" }),
    layer.maxPooling2d(),
    layer.dropout(dropout),
    layer.flatten(),
    layer.dense({ units: neurons, activation }),
    layer.dropout(dropout),
    layer.dense({ units: 2, activation: "softmax" }),
  ]);
}

/** Noise with a bright bar, upright for one class and lying for the other. */
export function barImages(count: number, size = 10): Examples & { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const rng = Rng.fromSeed("bars");
  const images = Uint8Array.from({ length: count * size * size }, () => rng.integer(128));
  const labels = Uint8Array.from({ length: count }, () => rng.integer(2));
  labels.forEach((label, example) => {
    const place = 2 + rng.integer(size - 4);
    for (let i = 1; i < size - 1; i++)
      images[example * size * size + (label === 0 ? place * size + i : i * size + place)]! += 127;
  });
  return { images, labels };
}

/** Two clouds of points, and which of them each is of. */
export function twoClouds(count: number): Examples & { readonly features: Float32Array; readonly labels: Uint8Array } {
  const rng = Rng.fromSeed("clouds");
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const features = Float32Array.from({ length: 2 * count }, (_, i) => rng.normal(labels[i >> 1] === 1 ? 1 : -1, 0.5));
  return { features, labels };
}

/** A network for the clouds. */
export function cloudNetwork(): Model {
  return sequential({ input: [2] }, [
    layer.dense({ units: 4, activation: "tanh" }),
    layer.dense({ units: 2, activation: "softmax" }),
  ]);
}

/** Runs `use` with a trainer and frees it. */
export async function withTrainer<T>(
  model: Model,
  options: Partial<CompileOptions>,
  use: (trainer: Trainer) => Promise<T>,
): Promise<T> {
  const trainer = compileModel(model, { loss: "categoricalCrossentropy", optimizer: "adam", ...options });
  try {
    return await use(trainer);
  } finally {
    await trainer.dispose();
  }
}
