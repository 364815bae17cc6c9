import { ArgminError } from "@argmin/base";
import type { AugmentedBatch } from "@argmin/nn";

export type Pixels = AugmentedBatch["inputs"];

export interface ImageSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Pixels an image, of all channels. */
  readonly pixels: number;
}

/** The size of the images of a batch. */
export function imageSize({ shape }: AugmentedBatch, augmentation: string): ImageSize {
  const [channels, height, width] = shape;
  if (shape.length !== 3 || channels === undefined || height === undefined || width === undefined) {
    throw new ArgminError(
      "value/invalid",
      `augment.${augmentation} changes images, [channels, height, width], and the examples are [${shape.join(", ")}]; leave it out.`,
    );
  }
  return { channels, height, width, pixels: channels * height * width };
}
