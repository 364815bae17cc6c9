import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "@argmin/base";
import type { NamedBytes } from "./records.ts";

/**
 * Writes files into a new folder that appears whole or not at all. A folder that is there already stays as it is.
 *
 * @throws ArgminError `file/full` if the disk is full, `file/unwritable` for any other refusal of the file system.
 */
export async function keepUnpacked(folder: string, files: ReadonlyMap<string, NamedBytes>): Promise<void> {
  const temporary = `${folder}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await mkdir(temporary, { recursive: true });
    for (const [name, { bytes }] of files) {
      const file = await open(join(temporary, name), "wx");
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
    }
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    // Another process was first.
    if (error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST")) return;
    throw fileError(folder, error);
  }
}
