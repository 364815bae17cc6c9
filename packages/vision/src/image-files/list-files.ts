import { ArgminError, messageOf } from "@argmin/base";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** A file that was asked for, or what is wrong with what was asked for. */
export interface ListedFile {
  readonly path: string;
  readonly error?: ArgminError;
}

/**
 * The files that are named, and those of the folders that are, with all that lies in these, sorted by name. Hidden files (`.name`) of a
 * folder are left out, and so are links to folders within it. What is not there, or cannot be read, is listed with its error.
 */
export async function listFiles(paths: readonly string[]): Promise<readonly ListedFile[]> {
  const lists = await Promise.all(paths.map(listPath));
  return lists.flat();
}

async function listPath(path: string): Promise<readonly ListedFile[]> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return await listFolder(path);
    if (found.isFile()) return [{ path }];
    return [{ path, error: new ArgminError("data/corrupt", `${path} is neither a file nor a folder; give those.`) }];
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const problem = isMissing ? `There is no file or folder ${path}.` : `${path} cannot be read: ${messageOf(error)}.`;
    return [{ path, error: new ArgminError("data/missing", problem, { cause: error }) }];
  }
}

async function listFolder(folder: string): Promise<readonly ListedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sorted = entries.filter(({ name }) => !name.startsWith(".")).sort((one, other) => collator.compare(one.name, other.name));
  const files: ListedFile[] = [];
  for (const entry of sorted) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() || entry.isFile()) files.push(...(entry.isFile() ? [{ path }] : await listPath(path)));
    else if (entry.isSymbolicLink() && (await isFile(path))) files.push({ path });
  }
  return files;
}

/** `image2` comes before `image10`. */
const collator = new Intl.Collator("en", { numeric: true });

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
