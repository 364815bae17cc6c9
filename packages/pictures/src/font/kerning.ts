import { tagAt } from "./tag.ts";

/** By how many units of the font two glyphs next to each other come closer (negative) or go apart. */
export type Kerning = (left: number, right: number) => number;

/** A pair's distance from one subtable; undefined if it says nothing of the pair, and another may. */
type PairTable = (left: number, right: number) => number | undefined;

/**
 * Kerning from a font's GPOS table: the pair adjustments (lookup type 2, also behind an extension of type 9) of its `kern` feature.
 *
 * @see OpenType 1.9, "GPOS: Glyph Positioning Table".
 */
export function readKerning(view: DataView, gpos: number): Kerning {
  const lookups = kerningLookups(view, gpos).map((lookup) => pairTables(view, lookup));
  const known = new Map<number, number>();
  return (left, right) => {
    const key = left * 65_536 + right;
    const found = known.get(key);
    if (found !== undefined) return found;
    // Of each lookup the first subtable that knows the pair decides; the lookups add up.
    const sum = lookups.reduce((total, tables) => total + firstKnown(tables, left, right), 0);
    known.set(key, sum);
    return sum;
  };
}

function firstKnown(tables: readonly PairTable[], left: number, right: number): number {
  for (const table of tables) {
    const distance = table(left, right);
    if (distance !== undefined) return distance;
  }
  return 0;
}

function kerningLookups(view: DataView, gpos: number): readonly number[] {
  const features = gpos + view.getUint16(gpos + 6);
  const lookupList = gpos + view.getUint16(gpos + 8);
  const numbers = new Set<number>();
  for (let i = 0; i < view.getUint16(features); i += 1) {
    const record = features + 2 + 6 * i;
    if (tagAt(view, record) !== "kern") continue;
    const feature = features + view.getUint16(record + 4);
    for (let j = 0; j < view.getUint16(feature + 2); j += 1) numbers.add(view.getUint16(feature + 4 + 2 * j));
  }
  return [...numbers].map((number) => lookupList + view.getUint16(lookupList + 2 + 2 * number));
}

function pairTables(view: DataView, lookup: number): readonly PairTable[] {
  const type = view.getUint16(lookup);
  return Array.from({ length: view.getUint16(lookup + 4) }, (_, i) => {
    const at = lookup + view.getUint16(lookup + 6 + 2 * i);
    const isExtension = type === 9;
    const actualType = isExtension ? view.getUint16(at + 2) : type;
    const subtable = isExtension ? at + view.getUint32(at + 4) : at;
    return actualType === 2 ? pairTable(view, subtable) : () => undefined;
  });
}

function pairTable(view: DataView, at: number): PairTable {
  const coverage = readGlyphNumbers(view, at + view.getUint16(at + 2), "coverage");
  // Only the first glyph's advance is read: the flag for it is 4, and the fonts argmin brings set no other.
  const size = 2 * (bitsOf(view.getUint16(at + 4)) + bitsOf(view.getUint16(at + 6)));
  return view.getUint16(at) === 1 ? listedPairs(view, at, coverage, size) : classPairs(view, at, coverage, size);
}

/** Format 1: for each first glyph, a list of second ones in order. */
function listedPairs(view: DataView, at: number, coverage: ReadonlyMap<number, number>, size: number): PairTable {
  return (left, right) => {
    const index = coverage.get(left);
    if (index === undefined) return undefined;
    const set = at + view.getUint16(at + 10 + 2 * index);
    for (let i = 0; i < view.getUint16(set); i += 1) {
      const record = set + 2 + (2 + size) * i;
      if (view.getUint16(record) === right) return view.getInt16(record + 2);
    }
    return undefined;
  };
}

/** Format 2: a distance for each pair of classes; glyphs of no class are of class 0. */
function classPairs(view: DataView, at: number, coverage: ReadonlyMap<number, number>, size: number): PairTable {
  const leftClasses = readGlyphNumbers(view, at + view.getUint16(at + 8), "class");
  const rightClasses = readGlyphNumbers(view, at + view.getUint16(at + 10), "class");
  const columns = view.getUint16(at + 14);
  return (left, right) => {
    if (!coverage.has(left)) return undefined;
    const cell = (leftClasses.get(left) ?? 0) * columns + (rightClasses.get(right) ?? 0);
    return view.getInt16(at + 16 + size * cell);
  };
}

/** A coverage table (a glyph's place among those covered) or a class definition: both are a list of glyphs or of ranges of them. */
function readGlyphNumbers(view: DataView, at: number, kind: "coverage" | "class"): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  if (view.getUint16(at) === 1) {
    const header = kind === "coverage" ? 4 : 6;
    for (let i = 0; i < view.getUint16(at + header - 2); i += 1) {
      const value = view.getUint16(at + header + 2 * i);
      if (kind === "coverage") numbers.set(value, i);
      else numbers.set(view.getUint16(at + 2) + i, value);
    }
    return numbers;
  }
  for (let i = 0; i < view.getUint16(at + 2); i += 1) {
    const range = at + 4 + 6 * i;
    const first = view.getUint16(range);
    const value = view.getUint16(range + 4);
    for (let glyph = first; glyph <= view.getUint16(range + 2); glyph += 1) {
      numbers.set(glyph, kind === "coverage" ? value + glyph - first : value);
    }
  }
  return numbers;
}

function bitsOf(flags: number): number {
  let count = 0;
  for (let rest = flags; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
