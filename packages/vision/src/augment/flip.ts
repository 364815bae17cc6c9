import type { Augmentation } from "@argmin/nn";
import { imageSize, type Pixels } from "./images.ts";

/** Turns every second image, on average, left to right. */
export function flip(): Augmentation {
  return {
    apply(batch, rng) {
      const { width, pixels } = imageSize(batch, "flip");
      const words = new Uint32Array(batch.rows);
      rng.fillUint32(words);
      for (let row = 0; row < batch.rows; row++) {
        if (words[row]! >>> 31 === 1) reverseLines(batch.inputs, row * pixels, (row + 1) * pixels, width);
      }
      return undefined;
    },
  };
}

function reverseLines(inputs: Pixels, start: number, end: number, width: number): void {
  for (let line = start; line < end; line += width) {
    for (let left = line, right = line + width - 1; left < right; left++, right--) {
      const kept = inputs[left]!;
      inputs[left] = inputs[right]!;
      inputs[right] = kept;
    }
  }
}
