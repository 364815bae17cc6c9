import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The bytes of an IDX file. */
export function idxFile(shape: readonly number[], data: Uint8Array, magic = 0x0800 | shape.length): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  shape.forEach((extent, axis) => {
    view.setUint32(4 + 4 * axis, extent);
  });
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

/** `count` images of which every pixel is the image's number. */
export function imageFile(count: number, side = 28): Uint8Array {
  const size = side * side;
  return idxFile(
    [count, side, side],
    Uint8Array.from({ length: count * size }, (_, i) => Math.floor(i / size)),
  );
}

export function labelFile(labels: readonly number[]): Uint8Array {
  return idxFile([labels.length], Uint8Array.from(labels));
}

/** The four files of a tiny MNIST: 5 training images, 2 test images. */
export function tinyMnist(): Record<string, Uint8Array> {
  return {
    "train-images-idx3-ubyte": imageFile(5),
    "train-labels-idx1-ubyte": labelFile([2, 7, 9, 0, 7]),
    "t10k-images-idx3-ubyte": imageFile(2),
    "t10k-labels-idx1-ubyte": labelFile([1, 2]),
  };
}

export async function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(folder, name), bytes)));
}
