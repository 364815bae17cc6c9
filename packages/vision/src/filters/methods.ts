/**
 * @file What keeps the images of an ascent from turning into noise: shifts, smoothness, and a pull towards grey. Images are
 * `[channel, height, width]`.
 */

/** How images are kept plain while they are changed; all of it is off at 0. */
export interface AscentMethod {
  /** Before each step the image is shifted by up to so many pixels each way, round its edges, and back after it. Default 0. */
  readonly jitter?: number;
  /** How strongly neighbours are drawn together, beside a gradient whose root mean square is 1. Default 0. */
  readonly totalVariation?: number;
  /** How strongly pixels are drawn to the middle of their range, beside the same. Default 0. */
  readonly l2?: number;
}

/** The sizes of images. */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Writes `from` into `to`, shifted down and right; what leaves at one edge comes in at the other. */
export function shiftImage(
  from: Float32Array,
  to: Float32Array,
  { channels, height, width }: ImageShape,
  down: number,
  right: number,
): void {
  const [rows, columns] = [wrap(down, height), wrap(right, width)];
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      const source = (channel * height + y) * width;
      const target = (channel * height + ((y + rows) % height)) * width;
      to.set(from.subarray(source, source + width - columns), target + columns);
      to.set(from.subarray(source + width - columns, source + width), target);
    }
  }
}

function wrap(shift: number, size: number): number {
  return ((shift % size) + size) % size;
}

/** Keeps the root differentiable where neighbours are equal; a hundredth of the range, squared. */
const SMOOTHING = 1e-4;

/**
 * Takes `weight` times the gradient of the image's total variation from `direction`: Σ √(Δdown² + Δright² + ε), differences taken
 * within each channel (Rudin, Osher and Fatemi, 1992; for images of features: Mahendran and Vedaldi, 2015).
 *
 * @param span - The range of the pixels; differences are shares of it.
 */
export function smooth(
  image: Float32Array,
  direction: Float32Array,
  { channels, height, width }: ImageShape,
  span: number,
  weight: number,
): void {
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = (channel * height + y) * width + x;
        const below = y + 1 < height ? at + width : at;
        const beside = x + 1 < width ? at + 1 : at;
        const down = (image[below]! - image[at]!) / span;
        const right = (image[beside]! - image[at]!) / span;
        const factor = weight / Math.sqrt(down * down + right * right + SMOOTHING);
        direction[at]! += factor * (down + right);
        direction[below]! -= factor * down;
        direction[beside]! -= factor * right;
      }
    }
  }
}
