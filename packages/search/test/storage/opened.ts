import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@argmin/base";
import { MemoryStorage } from "../../src/storage/memory.ts";
import { openSqliteStorage } from "../../src/storage/sqlite/open.ts";
import type { Storage } from "../../src/storage/storage.ts";
import type { OpenedStorage } from "../../src/testing/storage-cases/bench.ts";

export async function openMemory(clock: Clock): Promise<OpenedStorage> {
  return { storage: new MemoryStorage({ clock }), dispose: async () => undefined };
}

export async function openSqliteFile(clock: Clock): Promise<OpenedStorage> {
  const folder = await temporaryFolder();
  const path = join(folder.path, "studies.db");
  let storage = await openSqliteStorage(path, { clock });
  return {
    storage,
    dispose: async () => {
      await storage.close();
      await folder.remove();
    },
    reopen: async () => {
      await storage.close();
      storage = await openSqliteStorage(path, { clock });
      return storage;
    },
  };
}

/** Every call goes through another connection than the one before. */
export async function openTwoConnections(clock: Clock): Promise<OpenedStorage> {
  const folder = await temporaryFolder();
  const path = join(folder.path, "studies.db");
  const connections = [await openSqliteStorage(path, { clock }), await openSqliteStorage(path, { clock })] as const;
  const close = async (): Promise<void> => {
    for (const connection of connections) await connection.close();
  };
  let calls = 0;
  const storage = new Proxy<Storage>(connections[0], {
    get(_, property) {
      if (property === "close") return close;
      const connection = connections[calls++ % 2 === 0 ? 0 : 1];
      const member: unknown = Reflect.get(connection, property, connection);
      return typeof member === "function" ? member.bind(connection) : member;
    },
  });
  return {
    storage,
    dispose: async () => {
      await close();
      await folder.remove();
    },
  };
}

export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "argmin-storage-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
