import { encodePng } from "@argmin/nn";
import { fit, measure, svg, type FontWeight, type Picture, type SvgElement, type Theme } from "@argmin/pictures";
import type { Images } from "./images.ts";

/** An image and what a network says of it. */
export interface JudgedImage {
  /** Its place among the images. */
  readonly index: number;
  readonly label: number;
  /** The class that the network finds the likeliest, and how likely: 0 to 1. */
  readonly guess: number;
  readonly share: number;
}

/**
 * The likeliest class of each of the first images.
 *
 * @param predictions - `[image, class]`.
 */
export function judgeImages({ labels, classes }: Images, predictions: Float32Array): readonly JudgedImage[] {
  return Array.from({ length: predictions.length / classes.length }, (_, index) => {
    const shares = predictions.subarray(index * classes.length, (index + 1) * classes.length);
    const share = shares.reduce((most, each) => Math.max(most, each), 0);
    return { index, label: labels[index]!, guess: shares.indexOf(share), share };
  });
}

const columns = 6;
/** Names of two words have room beside what the network says. */
const tile = { size: 128, gap: 28, caption: 44 } as const;
const margin = 24;
const titleHeight = 40;
const captionSize = 12;

/** Images in rows, under each the class that it is of and what the network says. */
export function predictionGrid(images: Images, judged: readonly JudgedImage[], title: string, theme: Theme): Picture {
  const width = margin + columns * (tile.size + tile.gap);
  const rows = Math.ceil(judged.length / columns);
  return {
    width,
    height: 2 * margin + titleHeight + rows * (tile.size + tile.caption) - 10,
    title,
    content: [
      svg.text({ x: margin, y: margin + 16, fontSize: 18, fontWeight: 600, fill: theme.text }, title),
      judged.map((each, place) => {
        const x = margin + (place % columns) * (tile.size + tile.gap);
        const y = margin + titleHeight + Math.floor(place / columns) * (tile.size + tile.caption);
        return tileOf(images, each, { x, y }, theme);
      }),
    ],
  };
}

function tileOf(
  images: Images,
  { index, label, guess, share }: JudgedImage,
  { x, y }: { readonly x: number; readonly y: number },
  theme: Theme,
): SvgElement {
  const isRight = label === guess;
  const percent = `${Math.round(100 * share)} %`;
  const room = tile.size + tile.gap - 4;
  // Of a long name the end is left out, never how sure the network is.
  const guessed = fit(className(images, guess), room - measure(`said , ${percent}`, { size: captionSize }), {
    size: captionSize,
  });
  const said = isRight ? `${percent} sure` : `said ${guessed}, ${percent}`;
  const line = (text: string, baseline: number, fill: string, fontWeight: FontWeight): SvgElement =>
    svg.text(
      { x, y: y + tile.size + baseline, fontSize: captionSize, fontWeight, fill },
      fit(text, room, { size: captionSize, weight: fontWeight }),
    );
  return svg.g(
    {},
    svg.image({ x, y, width: tile.size, height: tile.size, href: dataAddress(images, index) }),
    line(className(images, label), 15, theme.text, 600),
    line(said, 31, isRight ? theme.mutedText : theme.highlight, 400),
  );
}

function className({ classes }: Images, number: number): string {
  return (classes[number] ?? String(number)).replaceAll("_", " ");
}

/** The image itself, as an address. */
function dataAddress({ images, width, height, channels }: Images, index: number): string {
  const area = width * height;
  const start = index * channels * area;
  // Every pixel's colours one after the other, where the data set has one plane after the other.
  const data = Uint8Array.from(
    { length: 3 * area },
    (_, i) => images[start + (i % 3) * (channels === 3 ? area : 0) + Math.floor(i / 3)]!,
  );
  return `data:image/png;base64,${Buffer.from(encodePng({ width, height, channels: 3, data }).png).toString("base64")}`;
}
