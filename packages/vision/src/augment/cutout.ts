import { ArgminError } from "@argmin/base";
import type { Augmentation } from "@argmin/nn";
import { imageSize } from "./images.ts";

export interface CutoutOptions {
  /** Side of the square, in pixels. */
  readonly size: number;
  /**
   * What it is filled with: one number, or one a channel, such as the means of `channelStatistics`; default 0. In the units
   * that networks see, where bytes are divided by 255.
   */
  readonly fill?: number | readonly number[];
}

/**
 * Blanks a square of each image; its centre is any pixel, so that it may reach beyond the border (DeVries and Taylor,
 * "Improved Regularization of Convolutional Neural Networks with Cutout", 2017). Bytes are filled with the nearest byte.
 *
 * @throws ArgminError `value/invalid` unless `size` is a positive whole number; when applied, unless `fill` is one number, or
 * one a channel, that a pixel can be.
 */
export function cutout({ size, fill = 0 }: CutoutOptions): Augmentation {
  if (!Number.isInteger(size) || size < 1) {
    throw new ArgminError("value/invalid", `The size of augment.cutout is a positive whole number of pixels, not ${size}.`);
  }
  const fills: readonly number[] = typeof fill === "number" ? [fill] : fill;
  return {
    apply(batch, rng) {
      const { inputs } = batch;
      const { channels, height, width, pixels } = imageSize(batch, "cutout");
      const colours = coloursOf(fills, channels, inputs instanceof Uint8Array);
      for (let row = 0; row < batch.rows; row++) {
        const y = rng.integer(height) - Math.floor(size / 2);
        const x = rng.integer(width) - Math.floor(size / 2);
        const [left, right] = [Math.max(0, x), Math.min(width, x + size)];
        for (let channel = 0; channel < channels; channel++) {
          const plane = row * pixels + channel * height * width;
          for (let line = Math.max(0, y); line < Math.min(height, y + size); line++) {
            inputs.fill(colours[channel]!, plane + line * width + left, plane + line * width + right);
          }
        }
      }
      return undefined;
    },
  };
}

function coloursOf(fills: readonly number[], channels: number, isBytes: boolean): readonly number[] {
  const isPixel = (value: number): boolean => Number.isFinite(value) && (!isBytes || (value >= 0 && value <= 1));
  if ((fills.length !== 1 && fills.length !== channels) || !fills.every(isPixel)) {
    throw new ArgminError(
      "value/invalid",
      `augment.cutout cannot fill images of ${channels} channels with ${fills.join(", ")}; give one number, or one a channel${isBytes ? ", from 0 to 1" : ""}.`,
    );
  }
  return Array.from({ length: channels }, (_, channel) => {
    const colour = fills[fills.length === 1 ? 0 : channel]!;
    return isBytes ? Math.round(255 * colour) : colour;
  });
}
