import { gzipSync } from "node:zlib";
import { Rng } from "@argmin/base";

export const PIXELS = 3 * 32 * 32;

/** One image of a file: its labels, in the order of the record's bytes, and the value of its pixels. */
export interface Picture {
  readonly labels: readonly number[];
  readonly pixels: Uint8Array;
}

/** `count` images of random pixels, with labels below the given numbers of classes. */
export function pictures(count: number, classes: readonly number[], seed: number): readonly Picture[] {
  const rng = Rng.fromSeed(seed);
  return Array.from({ length: count }, () => {
    const words = new Uint32Array(PIXELS / 4);
    rng.fillUint32(words);
    return { labels: classes.map((most) => rng.integer(most)), pixels: new Uint8Array(words.buffer) };
  });
}

/** The bytes of a file of records. */
export function recordFile(images: readonly Picture[]): Uint8Array {
  return new Uint8Array(Buffer.concat(images.flatMap(({ labels, pixels }) => [Uint8Array.from(labels), pixels])));
}

export function pixelsOf(images: readonly Picture[]): Uint8Array {
  return new Uint8Array(Buffer.concat(images.map(({ pixels }) => pixels)));
}

export function nameFile(stem: string, count: number): Uint8Array {
  // The official files end with an empty line.
  return new TextEncoder().encode(`${Array.from({ length: count }, (_, i) => `${stem}${i}`).join("\n")}\n\n`);
}

export type Files = Readonly<Record<string, Uint8Array>>;

/** CIFAR-100 with 6 training and 3 test images. */
export function tinyCifar100(): Files {
  return {
    "train.bin": recordFile(pictures(6, [20, 100], 1)),
    "test.bin": recordFile(pictures(3, [20, 100], 2)),
    "coarse_label_names.txt": nameFile("group", 20),
    "fine_label_names.txt": nameFile("class", 100),
  };
}

/** CIFAR-10 with 2 images a file. */
export function tinyCifar10(): Files {
  const batches = Array.from({ length: 5 }, (_, i) => [`data_batch_${i + 1}.bin`, recordFile(pictures(2, [10], i))] as const);
  return {
    ...Object.fromEntries(batches),
    "test_batch.bin": recordFile(pictures(2, [10], 9)),
    "batches.meta.txt": nameFile("class", 10),
  };
}

/** An entry of a tar archive as GNU tar and bsdtar write it. */
export function tarEntry(name: string, content: Uint8Array, type = "0"): Uint8Array {
  const header = new Uint8Array(512);
  const put = (text: string, at: number): void => header.set(new TextEncoder().encode(text), at);
  put(name, 0);
  put("0000644\0", 100);
  put("0000000\0", 108);
  put("0000000\0", 116);
  put(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  put("00000000000\0", 136);
  put("        ", 148);
  put(type, 156);
  put("ustar\0", 257);
  put("00", 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const entry = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
  entry.set(header);
  entry.set(content, 512);
  return entry;
}

/** A `.tar.gz` of a folder with these files. */
export function archive(folder: string, files: Files): Uint8Array {
  const entries = Object.entries(files).map(([name, content]) => tarEntry(`${folder}/${name}`, content));
  const readme = tarEntry(`${folder}/readme.html`, new TextEncoder().encode("<p>"));
  return gzipSync(Buffer.concat([tarEntry(`${folder}/`, new Uint8Array(), "5"), readme, ...entries, new Uint8Array(1024)]));
}
