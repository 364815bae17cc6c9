import { readKerning, type Kerning } from "./kerning.ts";
import { tagAt } from "./tag.ts";

/** What measuring wants to know of a font; lengths in ems. */
export interface Font {
  /** The number of a character's glyph; 0 if the font has none. */
  readonly glyph: (codePoint: number) => number;
  readonly advance: (glyph: number) => number;
  /** What the distance of two glyphs next to each other is changed by. */
  readonly kerning: (left: number, right: number) => number;
  /** The height of capital letters. */
  readonly capHeight: number;
}

/**
 * A font from the bytes of its TrueType file: what measuring a line of text needs of it, kerning included.
 *
 * The file is one that argmin brings along: it is read in good faith.
 */
export function readFont(bytes: Uint8Array): Font {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = (tag: string): number => tableOffset(view, tag);
  const unitsPerEm = view.getUint16(table("head") + 18);
  const advances = readAdvances(view, table("hhea"), table("hmtx"));
  const kerning: Kerning = readKerning(view, table("GPOS"));
  const glyph = readCharacterMap(view, table("cmap"));
  return {
    glyph,
    advance: (number) => advances[Math.min(number, advances.length - 1)]! / unitsPerEm,
    kerning: (left, right) => kerning(left, right) / unitsPerEm,
    capHeight: view.getInt16(table("OS/2") + 88) / unitsPerEm,
  };
}

function tableOffset(view: DataView, tag: string): number {
  const count = view.getUint16(4);
  for (let i = 0; i < count; i += 1) {
    const record = 12 + 16 * i;
    if (tagAt(view, record) === tag) return view.getUint32(record + 8);
  }
  throw new Error(`internal: the font has no table ${tag}`);
}

function readAdvances(view: DataView, hhea: number, hmtx: number): Uint16Array {
  const count = view.getUint16(hhea + 34);
  return Uint16Array.from({ length: count }, (_, glyph) => view.getUint16(hmtx + 4 * glyph));
}

/** The groups of a format 12 subtable: runs of characters whose glyphs follow one another. */
function readCharacterMap(view: DataView, cmap: number): (codePoint: number) => number {
  const table = subtableOfAllCharacters(view, cmap);
  const count = view.getUint32(table + 12);
  return (codePoint) => {
    let low = 0;
    let high = count - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const group = table + 16 + 12 * middle;
      if (codePoint < view.getUint32(group)) high = middle - 1;
      else if (codePoint > view.getUint32(group + 4)) low = middle + 1;
      else return view.getUint32(group + 8) + codePoint - view.getUint32(group);
    }
    return 0;
  };
}

function subtableOfAllCharacters(view: DataView, cmap: number): number {
  const count = view.getUint16(cmap + 2);
  for (let i = 0; i < count; i += 1) {
    const table = cmap + view.getUint32(cmap + 4 + 8 * i + 4);
    if (view.getUint16(table) === 12) return table;
  }
  throw new Error("internal: the font has no character map of format 12");
}
