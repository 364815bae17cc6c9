import { ArgminError } from "@argmin/base";
import type { LabelledImages } from "./labelled-images.ts";

/** One number a channel, in the units that networks see: bytes divided by 255. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  /** Standard deviation over all pixels of the channel. */
  readonly deviation: readonly number[];
}

/**
 * Mean and standard deviation of every channel over all images, or those at `indices`: what `layer.normalization` takes, and
 * what `augment.cutout` may fill with.
 *
 * @throws ArgminError `value/invalid` if there is no image, or an index is of none.
 */
export function channelStatistics(
  set: LabelledImages,
  indices: ArrayLike<number> = Uint32Array.from({ length: set.count }, (_, i) => i),
): ChannelStatistics {
  if (indices.length === 0) throw new ArgminError("value/invalid", "Statistics need at least one image, and none is given.");
  const { images, channels } = set;
  const plane = set.height * set.width;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < indices.length; i++) {
    const image = indices[i]!;
    if (!(Number.isInteger(image) && image >= 0 && image < set.count)) {
      throw new ArgminError("value/invalid", `There is no image ${image}; the images are numbered 0 to ${set.count - 1}.`);
    }
    for (let channel = 0; channel < channels; channel++) {
      const start = (image * channels + channel) * plane;
      let sum = 0;
      let square = 0;
      for (let at = start; at < start + plane; at++) {
        const pixel = images[at]!;
        sum += pixel;
        square += pixel * pixel;
      }
      sums[channel]! += sum;
      squares[channel]! += square;
    }
  }
  const count = indices.length * plane;
  const mean = Array.from(sums, (sum) => sum / count);
  const variance = mean.map((average, channel) => Math.max(0, squares[channel]! / count - average ** 2));
  return { mean: mean.map((average) => average / 255), deviation: variance.map((square) => Math.sqrt(square) / 255) };
}
