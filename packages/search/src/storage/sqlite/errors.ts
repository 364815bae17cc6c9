import { ArgminError, messageOf } from "@argmin/base";

/** SQLite's primary result codes that are worth telling apart; https://www.sqlite.org/rescode.html. */
const primary = { permission: 3, busy: 5, readonly: 8, io: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

/** "The shared memory beside a WAL could not grow": a full disk, although SQLite calls it an input/output error. */
const sharedMemorySize = 4874;

/** Whether another connection holds the lock: worth trying again. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === primary.busy;
}

/** The error in argmin's words; errors that do not come from SQLite stay as they are. */
export function translated(error: unknown, path: string): unknown {
  const code = primaryCode(error);
  const options = { cause: error };
  if (code === primary.corrupt || code === primary.notADatabase) return corruptFile(path, messageOf(error), options);
  if (code === primary.full || rawCode(error) === sharedMemorySize) {
    return new ArgminError("storage/full", `No room on the disk to write ${path}; free some space and start again.`, options);
  }
  if (code === primary.busy) {
    const message = `Another program has kept ${path} locked for too long; end it, or choose another file.`;
    return new ArgminError("storage/busy", message, options);
  }
  if (code === primary.readonly || code === primary.cannotOpen || code === primary.permission || code === primary.io) {
    return unwritableFile(path, messageOf(error), options);
  }
  return error;
}

export function corruptFile(path: string, detail: string, options?: { readonly cause?: unknown }): ArgminError {
  return new ArgminError(
    "storage/corrupt",
    `${path} is no intact SQLite database (${detail}); restore it from a copy, or move it away to begin anew.`,
    options,
  );
}

export function unwritableFile(path: string, detail: string, options?: { readonly cause?: unknown }): ArgminError {
  return new ArgminError("storage/unwritable", `Cannot write the database ${path} (${detail}); choose another path.`, options);
}

function primaryCode(error: unknown): number | undefined {
  const code = rawCode(error);
  return code === undefined ? undefined : code & 0xff;
}

function rawCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("rawCode" in error && typeof error.rawCode === "number") return error.rawCode;
  // Opening fails with a plain error that has the code in its text only.
  const opening = /^ConnectionFailed\(".*: (\d+)"\)$/s.exec(error.message)?.[1];
  return opening === undefined ? undefined : Number(opening);
}
