import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ArgminError, messageOf } from "./errors.ts";

/**
 * Writes a file whole or not at all: a temporary file beside it, flushed to the disk, then renamed over it.
 *
 * @throws ArgminError `file/full` if the disk is full, `file/unwritable` for any other refusal of the file system.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(path, error);
  }
}

/** The error of a file or folder that cannot be written, from what the file system said. */
export function fileError(path: string, error: unknown): ArgminError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT"
    ? new ArgminError("file/full", `No room on the disk to write ${path}; free some space or choose another folder.`, {
        cause: error,
      })
    : new ArgminError("file/unwritable", `Cannot write ${path}: ${messageOf(error)}.`, { cause: error });
}
