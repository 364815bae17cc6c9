import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ArgminError } from "@argmin/base";
import { filesOf, type CifarLayout } from "./layout.ts";

/** Where a set lies: its unpacked files in a folder, or its archive. */
export type CifarSource =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "archive"; readonly path: string };

/**
 * Finds a set in a folder: unpacked, in the folder of its official name or directly, or else as its archive, which may have a
 * longer name such as `cifar-10-subset-binary.tar.gz`.
 *
 * @returns `undefined` if there is nothing of it.
 * @throws ArgminError `data/missing` if some of the files are there and others are not.
 */
export async function findCifar(folder: string, layout: CifarLayout): Promise<CifarSource | undefined> {
  for (const path of [join(folder, layout.folder), folder]) {
    const names = new Set(await namesIn(path));
    const absent = filesOf(layout).filter((name) => !names.has(name));
    if (absent.length === 0) return { kind: "folder", path };
    if (absent.length < filesOf(layout).length) {
      throw new ArgminError(
        "data/missing",
        `${layout.name} in ${path} is not complete: put ${absent.join(", ")} there, or take ${path} away and put ${layout.archive} into its place.`,
      );
    }
  }
  const ending = "binary.tar.gz";
  const beginning = layout.archive.slice(0, -ending.length);
  const archives = (await namesIn(folder)).filter((name) => name.startsWith(beginning) && name.endsWith(ending)).sort();
  const archive = archives.includes(layout.archive) ? layout.archive : archives[0];
  return archive === undefined ? undefined : { kind: "archive", path: join(folder, archive) };
}

/** No names where there is no folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
