import { corrupt } from "../corrupt.ts";

/** The content of an IDX file of bytes. `data` is a view into the file, row-major. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file of bytes: two zero bytes, the element type, the number of dimensions, each dimension as a big-endian
 * 32-bit number, then the elements.
 *
 * @param file - The file's name, for messages.
 * @param dimensions - How many dimensions it must have: 1 for labels, 3 for images.
 * @throws ArgminError `data/corrupt` if the magic number, or the size for the dimensions it states, is not right.
 */
export function parseIdx(bytes: Uint8Array, file: string, dimensions: number): IdxArray {
  const headerSize = 4 + 4 * dimensions;
  const wanted = (UNSIGNED_BYTE << 8) | dimensions;
  if (bytes.length < headerSize) {
    throw corrupt(file, `it has ${bytes.length} bytes where its header alone takes ${headerSize}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== wanted) {
    throw corrupt(
      file,
      `its magic number is ${hex(magic)} where an IDX file of ${dimensions}-dimensional bytes has ${hex(wanted)}`,
    );
  }
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, extent) => product * extent, 1);
  const found = bytes.length - headerSize;
  if (found !== size) {
    const problem = found < size ? "it is cut short" : "it is too long";
    throw corrupt(file, `${problem}: ${found} bytes of data where ${shape.join(" x ")} need ${size}`);
  }
  return { shape, data: bytes.subarray(headerSize) };
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
