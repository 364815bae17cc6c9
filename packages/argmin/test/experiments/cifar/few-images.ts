import { Rng } from "@argmin/base";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Images, ImageSets } from "../../../src/experiments/cifar/images.ts";

const PIXELS = 3 * 32 * 32;

/** Images of noise around a brightness that tells the group, with classes dealt out evenly. */
export function fewImages(count: number, classes = 100, seed = 0): Images {
  const rng = Rng.fromSeed(seed);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
  const images = new Uint8Array(count * PIXELS);
  for (let i = 0; i < images.length; i++) images[i] = ((labels[Math.floor(i / PIXELS)]! * 199) % 200) + rng.integer(56);
  const set = { images, labels, count, height: 32, width: 32, channels: 3, classes: names("class", classes) };
  return classes < 100 ? set : { ...set, coarseLabels: labels.map((label) => label % 20), coarseClasses: names("group", 20) };
}

export function fewImageSets(train: number, test: number, classes = 100): ImageSets {
  return { train: fewImages(train, classes, 1), test: fewImages(test, classes, 2) };
}

function names(stem: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${stem}${i}`);
}

/** Writes CIFAR-100's files with so few images; returns the folder that `--data` wants. */
export async function writeCifar100(folder: string, train: number, test: number): Promise<string> {
  const data = join(folder, "data");
  await mkdir(data, { recursive: true });
  await writeFile(join(data, "train.bin"), records(fewImages(train)));
  await writeFile(join(data, "test.bin"), records(fewImages(test)));
  await writeFile(join(data, "fine_label_names.txt"), `${names("class", 100).join("\n")}\n`);
  await writeFile(join(data, "coarse_label_names.txt"), `${names("group", 20).join("\n")}\n`);
  return data;
}

function records({ images, labels, coarseLabels = labels, count }: Images): Uint8Array {
  const bytes = new Uint8Array(count * (PIXELS + 2));
  for (let i = 0; i < count; i++) {
    bytes.set([coarseLabels[i]!, labels[i]!], i * (PIXELS + 2));
    bytes.set(images.subarray(i * PIXELS, (i + 1) * PIXELS), i * (PIXELS + 2) + 2);
  }
  return bytes;
}
