import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { isArgminError, messageOf } from "@argmin/base";
import { corrupt } from "../corrupt.ts";
import type { CifarSource } from "./find.ts";
import { filesOf, type CifarLayout } from "./layout.ts";
import type { NamedBytes } from "./records.ts";
import { readTar } from "./tar.ts";

/** Large enough that unpacking is not a matter of many small steps between threads. */
const CHUNK_BYTES = 1 << 20;

/**
 * All files of a set, by their official names.
 *
 * @throws ArgminError `data/corrupt` if a file cannot be read or unpacked, or an archive lacks one.
 */
export async function readCifar(
  source: CifarSource,
  layout: CifarLayout,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, NamedBytes>> {
  return source.kind === "folder" ? readFolder(source.path, layout, signal) : readArchive(source.path, layout, signal);
}

async function readFolder(
  folder: string,
  layout: CifarLayout,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, NamedBytes>> {
  const read = async (name: string): Promise<readonly [string, NamedBytes]> => {
    const file = join(folder, name);
    const bytes = await readFile(file, { signal }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw corrupt(file, `it cannot be read (${messageOf(error)})`, error);
    });
    // A Buffer's methods differ from those of the bytes it holds.
    return [name, { file, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) }];
  };
  return new Map(await Promise.all(filesOf(layout).map(read)));
}

async function readArchive(
  path: string,
  layout: CifarLayout,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, NamedBytes>> {
  const nameOf = new Map(filesOf(layout).map((name) => [`${layout.folder}/${name}`, name]));
  const entries = await unpack(path, (entry) => nameOf.has(entry), signal);
  const files = [...nameOf].map(([entry, name]): readonly [string, NamedBytes] => {
    const bytes = entries.get(entry);
    if (!bytes) throw corrupt(path, `it has no ${entry}`);
    return [name, { file: `${entry} in ${path}`, bytes }];
  });
  return new Map(files);
}

async function unpack(
  path: string,
  wanted: (entry: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  try {
    const read = (chunks: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, Uint8Array>> => readTar(chunks, path, wanted);
    return await pipeline(packed, unpacked, read, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted || isArgminError(error)) throw error;
    throw corrupt(path, `it does not unpack (${messageOf(error)})`, error);
  }
}
