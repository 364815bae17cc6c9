import { ArgminError, isArgminError, messageOf, systemClock, type Clock } from "@argmin/base";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { migrate } from "../sql/migrate.ts";
import { SqlStorage } from "../sql/sql-storage.ts";
import type { Storage } from "../storage.ts";
import { SqliteDriver } from "./driver.ts";
import { corruptFile, unwritableFile } from "./errors.ts";

export type SqliteOptions = {
  readonly clock?: Clock;
  /** How long to wait for another program that keeps the file locked, in milliseconds. */
  readonly busyTimeoutMs?: number;
};

/**
 * Opens the studies of a SQLite file, which is made if there is none. Several processes may have it open at once.
 *
 * @throws ArgminError `storage/unwritable`, `storage/corrupt` (no database, or a damaged one), `storage/newer` (a later
 *   version of argmin has been here), `storage/full`, `storage/busy`.
 */
export async function openSqliteStorage(path: string, options: SqliteOptions = {}): Promise<Storage> {
  const { clock = systemClock, busyTimeoutMs = 60_000 } = options;
  if (path === "" || path === ":memory:") {
    throw new ArgminError(
      "usage/invalid",
      `A SQLite storage needs the path of a file, not "${path}"; for memory use MemoryStorage.`,
    );
  }
  // An absolute path is never taken for the address of a server.
  const file = resolve(path);
  inspect(file);
  const driver = await SqliteDriver.open(file, { busyTimeoutMs });
  try {
    await migrate(driver);
    return new SqlStorage(driver, clock);
  } catch (error) {
    await driver.close().catch(() => undefined);
    throw error;
  }
}

/** Finds what SQLite would not find, or would find with words that help nobody. */
function inspect(file: string): void {
  try {
    makeFolder(dirname(file));
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (!found.isFile()) throw unwritableFile(file, found.isDirectory() ? "it is a folder" : "it is no regular file");
    if (found.size > 0) checkHeader(file);
  } catch (error) {
    throw isArgminError(error) ? error : unwritableFile(file, messageOf(error), { cause: error });
  }
}

/** One level at a time: Node's own recursive mkdir never comes back from a file system that has no folders made, such as /proc. */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) missing.push(at);
  for (const path of missing.toReversed()) {
    try {
      mkdirSync(path);
    } catch (error) {
      // Another process may have been faster.
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
    }
  }
}

const magic = "SQLite format 3\0";

function checkHeader(file: string): void {
  const handle = openSync(file, "r");
  try {
    const header = Buffer.alloc(100);
    readSync(handle, header, 0, header.length, 0);
    const { size } = fstatSync(handle);
    if (header.toString("latin1", 0, magic.length) !== magic) throw corruptFile(file, "it does not begin like one");
    // 1 stands for 65536, which does not fit.
    const pageSize = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16);
    // While there is a log the file may be behind it; without one it consists of whole pages.
    const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
    if ((log?.size ?? 0) === 0 && (pageSize === 0 || size % pageSize !== 0)) {
      throw corruptFile(file, `it was cut off after ${size} bytes`);
    }
  } finally {
    closeSync(handle);
  }
}
