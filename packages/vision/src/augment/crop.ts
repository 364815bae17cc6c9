import { ArgminError } from "@argmin/base";
import type { Augmentation } from "@argmin/nn";
import { imageSize, type ImageSize, type Pixels } from "./images.ts";

export interface CropOptions {
  /** Pixels added on each side before a piece of the old size is cut out anywhere. */
  readonly padding: number;
  /** What is added: zeros (default), or the image mirrored at its outermost pixels, which are not repeated. */
  readonly fill?: "zero" | "reflect";
}

/**
 * Pads every image and cuts a piece of the old size out of it, each of the `(2 padding + 1)^2` places being as likely.
 *
 * @throws ArgminError `value/invalid` unless `padding` is a positive whole number; when applied, if an image is too small to be
 * mirrored so far: `2 padding` must be below its height and width.
 */
export function crop({ padding, fill = "zero" }: CropOptions): Augmentation {
  if (!Number.isInteger(padding) || padding < 1) {
    throw new ArgminError("value/invalid", `The padding of augment.crop is a positive whole number of pixels, not ${padding}.`);
  }
  return {
    apply(batch, rng) {
      const size = imageSize(batch, "crop");
      if (fill === "reflect" && 2 * padding >= Math.min(size.height, size.width)) {
        throw new ArgminError(
          "value/invalid",
          `augment.crop cannot mirror ${padding} pixels of images of ${size.height} x ${size.width}; take less than half a side, or fill with "zero".`,
        );
      }
      for (let row = 0; row < batch.rows; row++) {
        const place = rng.integer((2 * padding + 1) ** 2);
        const down = Math.floor(place / (2 * padding + 1)) - padding;
        const right = (place % (2 * padding + 1)) - padding;
        move(batch.inputs, row * size.pixels, size, { down, right, fill });
      }
      return undefined;
    },
  };
}

interface Move {
  /** Pixel [y, x] becomes what [y + down, x + right] was. */
  readonly down: number;
  readonly right: number;
  readonly fill: "zero" | "reflect";
}

/**
 * Moves an image and fills what came free. All its lines move as one run of memory: what thereby slips into a neighbouring line
 * or channel lands on pixels that are filled afterwards.
 */
function move(inputs: Pixels, start: number, size: ImageSize, { down, right, fill }: Move): void {
  if (down === 0 && right === 0) return;
  const { channels, height, width, pixels } = size;
  const offset = down * width + right;
  const end = start + pixels;
  if (offset > 0) inputs.copyWithin(start, Math.min(start + offset, end), end);
  else inputs.copyWithin(Math.min(start - offset, end), start, Math.max(start, end + offset));
  const plane = height * width;
  // The lines and columns that hold what they should.
  const top = Math.min(height, Math.max(0, -down));
  const bottom = Math.max(top, Math.min(height, height - down));
  const left = Math.min(width, Math.max(0, -right));
  const after = Math.max(left, Math.min(width, width - right));
  for (let channel = 0; channel < channels; channel++) {
    const origin = start + channel * plane;
    for (let y = top; y < bottom; y++) {
      const line = origin + y * width;
      for (let x = 0; x < left; x++) inputs[line + x] = fill === "zero" ? 0 : inputs[line + 2 * left - x]!;
      for (let x = after; x < width; x++) inputs[line + x] = fill === "zero" ? 0 : inputs[line + 2 * (after - 1) - x]!;
    }
    if (fill === "zero") {
      inputs.fill(0, origin, origin + top * width);
      inputs.fill(0, origin + bottom * width, origin + plane);
    } else {
      for (let y = 0; y < top; y++) copyLine(inputs, origin, width, { to: y, from: 2 * top - y });
      for (let y = bottom; y < height; y++) copyLine(inputs, origin, width, { to: y, from: 2 * (bottom - 1) - y });
    }
  }
}

function copyLine(
  inputs: Pixels,
  origin: number,
  width: number,
  { to, from }: { readonly to: number; readonly from: number },
): void {
  const source = origin + from * width;
  inputs.copyWithin(origin + to * width, source, source + width);
}
