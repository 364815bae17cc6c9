import { corrupt } from "../corrupt.ts";
import type { LabelLayout } from "./layout.ts";

/** The content of a file, and what to call the file in a message. */
export interface NamedBytes {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Images and one column a label byte. */
export interface CifarRecords {
  /** `[count, 3, 32, 32]`. */
  readonly images: Uint8Array;
  readonly columns: readonly Uint8Array[];
  readonly count: number;
}

export const CHANNELS = 3;
export const SIDE = 32;
const IMAGE_BYTES = CHANNELS * SIDE * SIDE;

/**
 * The records of some files as one set: each has its label bytes, then 1,024 red, 1,024 green and 1,024 blue pixels, row by
 * row. How many there are follows from the files' sizes.
 *
 * @remarks The bytes of a single file are taken over: its pixels move together in place, so that a set of 150 MB is in memory
 * once.
 * @throws ArgminError `data/corrupt` if a file is empty, ends within a record, or has a label of no class.
 */
export function parseRecords(files: readonly NamedBytes[], labels: readonly LabelLayout[]): CifarRecords {
  const recordBytes = labels.length + IMAGE_BYTES;
  for (const { file, bytes } of files) {
    if (bytes.length === 0) throw corrupt(file, "it is empty");
    if (bytes.length % recordBytes !== 0) {
      throw corrupt(
        file,
        `it is cut short: its ${bytes.length} bytes are ${Math.floor(bytes.length / recordBytes)} whole records of ${recordBytes} bytes and ${bytes.length % recordBytes} bytes more`,
      );
    }
  }
  const counts = files.map(({ bytes }) => bytes.length / recordBytes);
  const count = counts.reduce((sum, part) => sum + part, 0);
  const columns = labels.map(() => new Uint8Array(count));
  const [only] = files;
  const images = files.length === 1 && only ? only.bytes : new Uint8Array(count * IMAGE_BYTES);
  let image = 0;
  for (const { file, bytes } of files) {
    for (let start = 0; start < bytes.length; start += recordBytes, image++) {
      for (const [column, { classes }] of labels.entries()) {
        const label = bytes[start + column]!;
        if (label >= classes) {
          throw corrupt(
            file,
            `label ${column + 1} of record ${start / recordBytes} is ${label} where a class is 0 to ${classes - 1}`,
          );
        }
        columns[column]![image] = label;
      }
      const pixels = start + labels.length;
      if (images === bytes) images.copyWithin(image * IMAGE_BYTES, pixels, pixels + IMAGE_BYTES);
      else images.set(bytes.subarray(pixels, pixels + IMAGE_BYTES), image * IMAGE_BYTES);
    }
  }
  return { images: images.subarray(0, count * IMAGE_BYTES), columns, count };
}

/**
 * Class names, one a line; blank lines at the end do not count.
 *
 * @throws ArgminError `data/corrupt` if there are more or fewer than the set has classes, or one is empty.
 */
export function parseClassNames({ file, bytes }: NamedBytes, { classes }: LabelLayout): readonly string[] {
  const names = new TextDecoder()
    .decode(bytes)
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
  if (names.length !== classes || names.includes("")) {
    throw corrupt(
      file,
      `it has ${names.filter((name) => name !== "").length} class names where ${classes} are wanted, one a line`,
    );
  }
  return names;
}
