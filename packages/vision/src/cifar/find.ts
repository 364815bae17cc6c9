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
 * @throws ArgminError `data/missing` if some of the files are there, others are not, and there is no archive either.
 */
export async function findCifar(folder: string, layout: CifarLayout): Promise<CifarSource | undefined> {
  const wanted = filesOf(layout);
  const partial: { readonly path: string; readonly absent: readonly string[] }[] = [];
  for (const path of [join(folder, layout.folder), folder]) {
    const names = new Set(await namesIn(path));
    const absent = wanted.filter((name) => !names.has(name));
    if (absent.length === 0) return { kind: "folder", path };
    if (absent.length < wanted.length) partial.push({ path, absent });
  }
  const archive = await archiveIn(folder, layout);
  if (archive !== undefined) return { kind: "archive", path: join(folder, archive) };
  const [first] = partial;
  if (first === undefined) return undefined;
  throw new ArgminError(
    "data/missing",
    `${layout.name} in ${first.path} is not complete: put ${first.absent.join(", ")} there, or ${layout.archive} in ${folder}.`,
  );
}

async function archiveIn(folder: string, { archive }: CifarLayout): Promise<string | undefined> {
  const ending = "binary.tar.gz";
  const beginning = archive.slice(0, -ending.length);
  const names = (await namesIn(folder)).filter((name) => name.startsWith(beginning) && name.endsWith(ending)).sort();
  return names.includes(archive) ? archive : names[0];
}

/** No names where there is no folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
