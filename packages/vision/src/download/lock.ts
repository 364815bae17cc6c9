import { open, rm, stat, utimes } from "node:fs/promises";
import { fileError, sleep } from "@argmin/base";

/** The holder says as often as this that it lives. */
const BEAT_MS = 2_000;
/** A holder that was silent for so long has died. */
const DEAD_AFTER_MS = 20_000;
const POLL_MS = 250;

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once if another process holds the lock. */
  readonly onWait: () => void;
}

/**
 * Does `work` while no other process on this file system does work under the same lock file. A lock whose holder died is
 * taken over.
 *
 * @throws ArgminError `file/unwritable` or `file/full` if the file cannot be made.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await acquire(path, options);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}

async function acquire(path: string, { signal, onWait }: LockOptions): Promise<void> {
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted();
    try {
      const file = await open(path, "wx");
      await file.close();
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw fileError(path, error);
    }
    const beaten = await stat(path).catch(() => undefined);
    // Should two processes take over the same dead lock, both download the same bytes to the same places of one file.
    if (beaten && Date.now() - beaten.mtimeMs > DEAD_AFTER_MS) await rm(path, { force: true });
    else if (beaten) {
      if (tries === 0) onWait();
      await sleep(POLL_MS, signal);
    }
  }
}
