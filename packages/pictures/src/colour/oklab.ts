/**
 * @file Colours where equal distances look equally far apart: OKLab (lightness, green to red, blue to yellow).
 *
 * @see Björn Ottosson, "A perceptual color space for image processing", 2020.
 */

/** `[lightness 0 to 1, a, b]`. */
export type Oklab = readonly [lightness: number, a: number, b: number];

/** Red, green and blue as light adds up, 0 to 1. */
export type LinearRgb = readonly [red: number, green: number, blue: number];

/** The light of a colour written `#rrggbb`. */
export function linearRgbOf(hex: string): LinearRgb {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return [red!, green!, blue!];
}

/** `#rrggbb`; what a screen cannot show is cut to what it can. */
export function hexOf(light: LinearRgb): string {
  return `#${light.map(channelText).join("")}`;
}

function channelText(light: number): string {
  const clipped = Math.min(1, Math.max(0, light));
  const share = clipped <= 0.0031308 ? clipped * 12.92 : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(share * 255)
    .toString(16)
    .padStart(2, "0");
}

export function oklabOf(hex: string): Oklab {
  const [red, green, blue] = linearRgbOf(hex);
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function hexOfOklab([lightness, a, b]: Oklab): string {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return hexOf([
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]);
}

/** The colour `share` of the way from one to the other, 0 to 1. */
export function mixColours(from: string, to: string, share: number): string {
  const start = oklabOf(from);
  const end = oklabOf(to);
  const at = (axis: 0 | 1 | 2): number => start[axis] + (end[axis] - start[axis]) * share;
  return hexOfOklab([at(0), at(1), at(2)]);
}

/** How different two colours look: 0.02 can just be told apart side by side. */
export function colourDistance(one: string, other: string): number {
  const [l1, a1, b1] = oklabOf(one);
  const [l2, a2, b2] = oklabOf(other);
  return Math.hypot(l1 - l2, a1 - a2, b1 - b2);
}

/** The contrast of two colours as WCAG 2.2 counts it, 1 to 21: text wants 4.5, shapes 3. */
export function contrast(one: string, other: string): number {
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright! + 0.05) / (dark! + 0.05);
}

function luminance(hex: string): number {
  const [red, green, blue] = linearRgbOf(hex);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
