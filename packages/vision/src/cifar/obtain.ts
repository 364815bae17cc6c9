import { mkdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ArgminError, fileError, hashJson, isArgminError } from "@argmin/base";
import { cacheFolder } from "../cache-folder.ts";
import { download } from "../download/download.ts";
import { withLock } from "../download/lock.ts";
import { findCifar, type CifarSource } from "./find.ts";
import { keepUnpacked } from "./keep-unpacked.ts";
import type { CifarLayout } from "./layout.ts";
import { readCifar } from "./read.ts";
import type { NamedBytes } from "./records.ts";

export interface ObtainOptions {
  readonly dataFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log?: ((line: string) => void) | undefined;
  readonly pauses?: readonly number[];
}

/**
 * The files of a set, from `dataFolder` if one is given, else from the folder named by ARGMIN_DATA if that holds the set,
 * else from the cache folder, else from the official address.
 *
 * @throws ArgminError as `loadCifar100` says.
 */
export async function obtainCifar(layout: CifarLayout, options: ObtainOptions): Promise<ReadonlyMap<string, NamedBytes>> {
  const { dataFolder } = options;
  const { ARGMIN_DATA: usual } = process.env;
  const source = dataFolder || usual ? await findCifar(dataFolder || usual || "", layout) : undefined;
  if (source) return read(source, layout, options);
  // Whoever names a folder wants the images in it. The usual folder is but a place to look, also when a caller passes it on.
  if (dataFolder && dataFolder !== usual) {
    throw new ArgminError(
      "data/missing",
      `${layout.name} is not in ${dataFolder}: put ${layout.archive} from ${layout.address} there, or the ${layout.folder} folder it unpacks to, or name no folder to have it downloaded.`,
    );
  }
  const cache = cacheFolder();
  const cached = await findCifar(cache, layout);
  if (cached?.kind === "folder") return read(cached, layout, options);
  await mkdir(cache, { recursive: true }).catch((error: unknown) => {
    throw fileError(cache, error);
  });
  const onWait = (): void => options.log?.(`Waiting for another process that downloads ${layout.name}`);
  return withLock(join(cache, `${layout.archive}.lock`), { signal: options.signal, onWait }, async () => {
    const first = await findCifar(cache, layout);
    if (first) return read(first, layout, options);
    const path = join(cache, layout.archive);
    options.log?.(`Downloading ${layout.name} from ${layout.address} to ${cache}`);
    await download({ ...options, name: layout.name, address: layout.address, sha256: layout.sha256, path });
    const archive = { kind: "archive", path } as const;
    const files = await readAndKeep(archive, join(cache, layout.folder), layout, options);
    if ((await findCifar(cache, layout))?.kind === "folder") await rm(path, { force: true });
    return files;
  });
}

/**
 * An archive is unpacked into the cache folder the first time, so that the next process is done in a tenth of the time; the
 * folder it lies in is its owner's and stays as it is.
 */
async function read(source: CifarSource, layout: CifarLayout, options: ObtainOptions): Promise<ReadonlyMap<string, NamedBytes>> {
  if (source.kind === "folder") return readCifar(source, layout, options.signal);
  const own = join(cacheFolder(), "unpacked", await identityOf(source.path));
  const unpacked = await findCifar(own, layout);
  if (unpacked) return readCifar(unpacked, layout, options.signal);
  return readAndKeep(source, join(own, layout.folder), layout, options);
}

/** The files of an archive, which also go to `folder` if the file system allows. */
async function readAndKeep(
  archive: CifarSource,
  folder: string,
  layout: CifarLayout,
  { signal, log }: ObtainOptions,
): Promise<ReadonlyMap<string, NamedBytes>> {
  const files = await readCifar(archive, layout, signal);
  await keepUnpacked(folder, files).catch((error: unknown) => {
    if (!isArgminError(error)) throw error;
    log?.(`${archive.path} is unpacked again each time: ${error.message}`);
  });
  return files;
}

/** Another file in its place, or another content, is another archive. */
async function identityOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return hashJson([resolve(path), size, mtimeMs]).slice(0, 16);
}
