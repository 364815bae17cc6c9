import { ArgminError } from "@argmin/base";
import { encodePng, type Pixels, type PngImage } from "@argmin/nn";
import type { ExcitedFilter, ExcitedLayer } from "./ascent.ts";

/** Filters of a layer in rows, the strongest first. */
export interface FilterGrid {
  /** Rows, and columns; 0 if nothing excited any. */
  readonly side: number;
  /** `side`² of them, by falling activation. */
  readonly shown: readonly ExcitedFilter[];
  /** The places of all filters that nothing excited: their activation never rose above 0. */
  readonly silent: readonly number[];
}

/** Arranges as many filters as fill a square, of those that something excited. */
export function arrangeFilters({ filters }: Pick<ExcitedLayer, "filters">): FilterGrid {
  const square = strongestSquare(filters.filter((filter) => !isSilent(filter)));
  return { ...square, silent: filters.filter(isSilent).map(({ filter }) => filter) };
}

/** The strongest filters, as many as fill a square; those that nothing excited come last. */
export function strongestSquare(filters: readonly ExcitedFilter[]): Omit<FilterGrid, "silent"> {
  const side = Math.floor(Math.sqrt(filters.length));
  const strength = (filter: ExcitedFilter): number => (isSilent(filter) ? 0 : filter.activation);
  const strongestFirst = filters.toSorted((a, b) => strength(b) - strength(a) || a.filter - b.filter);
  return { side, shown: strongestFirst.slice(0, side ** 2) };
}

/** Whether nothing excited a filter. */
export function isSilent({ activation }: Pick<ExcitedFilter, "activation">): boolean {
  return !(activation > 0);
}

/** What a grid's file is called: `stage1_relu_49-of-64_7x7.png` has 49 of the 64 filters of `stage1_relu` in 7 rows. */
export function gridFileName(
  { layer, total }: Pick<ExcitedLayer, "layer" | "total">,
  { side }: Pick<FilterGrid, "side">,
): string {
  return `${layer}_${side ** 2}-of-${total}_${side}x${side}.png`;
}

/** Between images, and around all of them, before they are enlarged. */
const MARGIN = 5;

/** Images are enlarged by a whole number, so that every pixel stays a square: the grid to about so many pixels, each image to at least about so many. */
const WIDTH = { grid: 1100, image: 64 } as const;

/** The page between images: neither of the greys that images start from. */
const PAGE = 255;

/** A grid as a PNG image. */
export function drawGrid(layer: Pick<ExcitedLayer, "shape" | "range">, { side, shown }: Omit<FilterGrid, "silent">): PngImage {
  const { height, width } = layer.shape;
  const small = page(side * (width + MARGIN) + MARGIN, side * (height + MARGIN) + MARGIN);
  shown.forEach((filter, place) => {
    const x = MARGIN + (place % side) * (width + MARGIN);
    const y = MARGIN + Math.floor(place / side) * (height + MARGIN);
    paste(small, filterPixels(layer, filter), x, y);
  });
  return encodePng(enlarge(small, Math.max(1, Math.round(WIDTH.grid / small.width), Math.round(WIDTH.image / width))));
}

function page(width: number, height: number): Pixels {
  return { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(PAGE) };
}

/** One filter's image, `[height, width, 3]`; crossed out if nothing excited it. */
export function filterPixels({ shape, range }: Pick<ExcitedLayer, "shape" | "range">, filter: ExcitedFilter): Pixels {
  const { channels, height, width } = shape;
  if (channels !== 1 && channels !== 3)
    throw new ArgminError("model/invalid", `Images of 1 or 3 channels can be shown, not of ${channels}.`);
  const [low, high] = range;
  const data = new Uint8Array(3 * height * width);
  for (let at = 0; at < height * width; at++) {
    for (let colour = 0; colour < 3; colour++) {
      const value = filter.image[(channels === 3 ? colour * height * width : 0) + at]!;
      data[3 * at + colour] = Math.round((255 * (value - low)) / (high - low));
    }
  }
  if (isSilent(filter)) crossOut(data, height, width);
  return { width, height, channels: 3, data };
}

/** A pale tile with both diagonals. */
function crossOut(data: Uint8Array, height: number, width: number): void {
  data.fill(225);
  for (let y = 0; y < height; y++) {
    const x = Math.min(width - 1, Math.floor(((y + 0.5) * width) / height));
    for (const column of [x, width - 1 - x]) data.fill(150, 3 * (y * width + column), 3 * (y * width + column) + 3);
  }
}

function paste(page: Pixels, { width, height, data }: Pixels, left: number, top: number): void {
  for (let y = 0; y < height; y++)
    page.data.set(data.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((top + y) * page.width + left));
}

/** Every pixel as a square of `factor` by `factor`. */
export function enlarge({ width, height, data }: Pixels, factor: number): Pixels {
  const large = new Uint8Array(3 * width * height * factor ** 2);
  const stride = 3 * width * factor;
  for (let y = 0; y < height; y++) {
    const start = y * factor * stride;
    for (let x = 0; x < width * factor; x++) {
      const from = 3 * (y * width + Math.floor(x / factor));
      large.set(data.subarray(from, from + 3), start + 3 * x);
    }
    for (let copy = 1; copy < factor; copy++) large.copyWithin(start + copy * stride, start, start + stride);
  }
  return { width: width * factor, height: height * factor, channels: 3, data: large };
}
