import { inter, type FontWeight } from "./font/inter.ts";

/** How a text is set; the size is that of an em, in pixels. */
export interface TextStyle {
  readonly size: number;
  /** Default 400. */
  readonly weight?: FontWeight;
}

/** The width of a line of text in pixels, kerning included, as the PNG will have it. */
export function measure(text: string, { size, weight = 400 }: TextStyle): number {
  const font = inter(weight);
  let width = 0;
  let before = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0)!;
    const glyph = font.glyph(codePoint);
    width += glyph === 0 ? widthOutsideTheFont(codePoint) : font.advance(glyph) + font.kerning(before, glyph);
    before = glyph;
  }
  return width * size;
}

/** The height of capital letters in pixels. */
export function capHeight({ size, weight = 400 }: TextStyle): number {
  return inter(weight).capHeight * size;
}

/** The baseline of a line whose capitals and digits stand around `y`. */
export function middleBaseline(y: number, style: TextStyle): number {
  return y + capHeight(style) / 2;
}

/** Cuts a text into what readers take for characters. */
const segmenter = new Intl.Segmenter();

/** The text if it is no wider than `width`, else as much of its beginning as leaves room for an ellipsis. */
export function fit(text: string, width: number, style: TextStyle): string {
  if (measure(text, style) <= width) return text;
  const characters = [...segmenter.segment(text)].map(({ segment }) => segment);
  let low = 0;
  let high = characters.length;
  const shortened = (count: number): string => `${characters.slice(0, count).join("").trimEnd()}…`;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(shortened(middle), style) <= width) low = middle;
    else high = middle - 1;
  }
  return shortened(low);
}

/**
 * The text in lines no wider than `width`, broken at spaces; a word wider than a line is broken anywhere.
 *
 * With `maxLines` the last line ends in an ellipsis where there is more text than that.
 */
export function wrap(text: string, width: number, style: TextStyle, maxLines = Infinity): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (measure(longer, style) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = breakWord(word, width, style);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? "";
  }
  if (line !== "") lines.push(line);
  if (lines.length <= maxLines) return lines;
  const kept = lines.slice(0, maxLines);
  return [...kept.slice(0, -1), fit(`${kept.at(-1) ?? ""} ${lines.slice(maxLines).join(" ")}`, width, style)];
}

/** The widest of several lines. */
export function widest(lines: readonly string[], style: TextStyle): number {
  return lines.reduce((width, line) => Math.max(width, measure(line, style)), 0);
}

function breakWord(word: string, width: number, style: TextStyle): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const { segment: character } of segmenter.segment(word)) {
    if (piece !== "" && measure(piece + character, style) > width) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...pieces, piece];
}

/**
 * A guess, in ems, for characters that Inter lacks: a viewer will take them from another font. What East Asian fonts set in squares
 * and pictographs take an em; marks that sit on the character before them take nothing.
 */
function widthOutsideTheFont(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  if (/[\p{Mark}\p{Cf}\p{Cc}]/u.test(character)) return 0;
  const isSquare =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u.test(character) ||
    (codePoint >= 0x3000 && codePoint <= 0x303f) ||
    (codePoint >= 0xff00 && codePoint <= 0xff60);
  return isSquare ? 1 : 0.65;
}
