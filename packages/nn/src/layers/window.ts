import { ArgminError } from "@argmin/base";
import type { Shape } from "../graph/value.ts";
import { onlyInput, positiveInteger, type LayerOptions } from "./layer.ts";

/** Height and width, or one number for both. */
export type Size = number | readonly [height: number, width: number];

/** "valid" stays inside the image; "same" pads so that the output is the input divided by the strides, rounded up. */
export type PaddingMode = "valid" | "same";

/** What the pooling layers may be told. */
export interface Pooling2dOptions extends LayerOptions {
  /** Default 2. */
  readonly poolSize?: Size;
  /** Default: the pool size. */
  readonly strides?: Size;
  /** Default "valid". */
  readonly padding?: PaddingMode;
}

export interface Images {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Both sides of a size. @throws ArgminError `model/invalid` unless they are positive whole numbers. */
export function bothSides(size: Size, what: string): readonly [height: number, width: number] {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  return [positiveInteger(height, what), positiveInteger(width, what)];
}

/** @throws ArgminError `model/invalid` for another padding than "valid" and "same". */
export function checkPadding(padding: PaddingMode, owner: string): void {
  const known: readonly string[] = ["valid", "same"];
  if (!known.includes(padding)) {
    throw new ArgminError("model/invalid", `${owner} has no padding "${padding}"; choose "valid" or "same".`);
  }
}

/** The input as images. @throws ArgminError `model/invalid` if it is something else. */
export function imagesOf(inputs: readonly Shape[]): Images {
  const shape = onlyInput(inputs);
  const [channels, height, width, ...rest] = shape;
  if (channels === undefined || height === undefined || width === undefined || rest.length > 0) {
    throw new ArgminError("model/invalid", `wants images [channel, height, width], not [${shape.join(", ")}].`);
  }
  return { channels, height, width };
}

/**
 * Height and width after a window passed over images.
 *
 * @throws ArgminError `model/invalid` if the window is larger than the image.
 */
export function windowedSize(
  { height, width }: Images,
  window: readonly [number, number],
  strides: readonly [number, number],
  padding: PaddingMode,
  what: string,
): readonly [height: number, width: number] {
  if (padding === "same") return [Math.ceil(height / strides[0]), Math.ceil(width / strides[1])];
  if (window[0] > height || window[1] > width) {
    throw new ArgminError(
      "model/invalid",
      `a ${what} of ${window.join(" x ")} does not fit into images of ${height} x ${width}; make it smaller or pad with "same".`,
    );
  }
  return [Math.floor((height - window[0]) / strides[0]) + 1, Math.floor((width - window[1]) / strides[1]) + 1];
}
