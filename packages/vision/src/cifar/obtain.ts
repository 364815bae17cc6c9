import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ArgminError, fileError, isArgminError } from "@argmin/base";
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
    const files = await read({ kind: "archive", path }, layout, options);
    if ((await findCifar(cache, layout))?.kind === "folder") await rm(path, { force: true });
    return files;
  });
}

/** An archive is also unpacked beside itself, where that is allowed: the next process is done in a tenth of the time. */
async function read(source: CifarSource, layout: CifarLayout, options: ObtainOptions): Promise<ReadonlyMap<string, NamedBytes>> {
  const files = await readCifar(source, layout, options.signal);
  if (source.kind === "archive") {
    await keepUnpacked(join(dirname(source.path), layout.folder), files).catch((error: unknown) => {
      if (!isArgminError(error)) throw error;
      options.log?.(`${source.path} is unpacked again each time: ${error.message}`);
    });
  }
  return files;
}
