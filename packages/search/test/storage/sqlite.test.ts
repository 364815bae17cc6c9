import { access, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isArgminError, systemClock, type ArgminError } from "@argmin/base";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqlStorage } from "../../src/storage/sql/sql-storage.ts";
import { migrate } from "../../src/storage/sql/migrate.ts";
import { migrations, schemaVersion } from "../../src/storage/sql/migrations.ts";
import { SqliteDriver } from "../../src/storage/sqlite/driver.ts";
import { openSqliteStorage } from "../../src/storage/sqlite/open.ts";
import type { Storage, StudyDefinition } from "../../src/storage/storage.ts";
import { temporaryFolder } from "./opened.ts";

const definition: StudyDefinition = {
  name: "study",
  direction: "minimize",
  space: null,
  sampler: { name: "random", settings: {} },
  pruner: { name: "none", settings: {}, metric: "value" },
  seed: 1,
  duplicates: "allow",
  retries: 3,
};

describe("a SQLite file", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, "studies.db");
  });
  afterEach(() => folder.remove());

  /** A database with a few hundred trials, closed. */
  async function fill(trials = 200): Promise<void> {
    const storage = await openSqliteStorage(path);
    await addTrials(storage, trials);
    await storage.close();
  }

  it("is made with the folders above it", async () => {
    const deep = join(folder.path, "a", "b", "studies.db");
    const storage = await openSqliteStorage(deep);
    await storage.createStudy(definition);
    await storage.close();
    await access(deep);
  });

  it("is one file again when everybody has closed it", async () => {
    await fill();
    const log = await readFile(`${path}-wal`).catch(() => Buffer.alloc(0));
    expect(log).toHaveLength(0);
  });

  it("can be checkpointed while it is in use, so that the log does not grow for ever", async () => {
    const storage = await openSqliteStorage(path);
    await addTrials(storage, 50);
    await storage.trials(1);
    const other = new Database(path);
    expect(other.prepare("pragma wal_checkpoint(truncate)").raw().all()).toEqual([[0, 0, 0]]);
    other.close();
    await storage.close();
  });

  it("is waited for while another program keeps it locked", async () => {
    const storage = await openSqliteStorage(path);
    const other = new Database(path);
    other.exec("begin immediate");
    const created = storage.createStudy(definition);
    await new Promise((resolve) => setTimeout(resolve, 100));
    other.exec("commit");
    other.close();
    expect((await created).name).toBe("study");
    await storage.close();
  });

  it("says who keeps it locked for too long, and works again afterwards", async () => {
    const storage = await openSqliteStorage(path, { busyTimeoutMs: 50 });
    const other = new Database(path);
    other.exec("begin immediate");
    const error = await refusal(storage.createStudy(definition));
    expect(error.code).toBe("storage/busy");
    expect(error.message).toMatch(/^Another program has kept .*studies\.db locked/);
    expect(await storage.listStudies()).toEqual([]);
    other.exec("rollback");
    other.close();
    await storage.createStudy(definition);
    await storage.close();
  });

  describe("that cannot be used is refused in one clear sentence:", () => {
    const bad: Record<
      string,
      { readonly code: ArgminError["code"]; readonly says: RegExp; readonly make: () => Promise<string> }
    > = {
      "a text file": {
        code: "storage/corrupt",
        says: /studies\.db is no intact SQLite database \(it does not begin like one\)/,
        make: async () => (await writeFile(path, "trial,value\n1,2\n".repeat(100)), path),
      },
      "a database cut off between pages": {
        code: "storage/corrupt",
        says: /no intact SQLite database/,
        make: async () => (await fill(), await truncate(path, 4096 * 3), path),
      },
      "a database cut off within a page": {
        code: "storage/corrupt",
        says: /cut off after 9000 bytes/,
        make: async () => (await fill(), await truncate(path, 9000), path),
      },
      "a database cut off within its header": {
        code: "storage/corrupt",
        says: /cut off after 50 bytes/,
        make: async () => (await fill(), await truncate(path, 50), path),
      },
      "a database with garbage in the middle": {
        code: "storage/corrupt",
        says: /no intact SQLite database/,
        make: async () => {
          await fill();
          const bytes = await readFile(path);
          await writeFile(path, bytes.fill(0x5a, 100, 4096));
          return path;
        },
      },
      "another program's database": {
        code: "storage/corrupt",
        says: /The file .*studies\.db is a database of another program/,
        make: async () => {
          new Database(path).exec("create table customers (name text)");
          return path;
        },
      },
      "a database of a newer argmin": {
        code: "storage/newer",
        says: new RegExp(
          `schema version 7, written by a newer argmin; this one knows versions up to ${schemaVersion}\\. Update argmin`,
        ),
        make: async () => {
          await fill(1);
          new Database(path).exec("update argmin_schema set version = 7");
          return path;
        },
      },
      "a folder": {
        code: "storage/unwritable",
        says: /studies\.db \(it is a folder\)/,
        make: async () => (await mkdir(path), path),
      },
      "a path below a file": {
        code: "storage/unwritable",
        says: /Cannot write the database .*file\/studies\.db/,
        make: async () => (await writeFile(join(folder.path, "file"), ""), join(folder.path, "file", "studies.db")),
      },
      "a folder where nothing can be made": {
        code: "storage/unwritable",
        says: /Cannot write the database \/proc\/studies\.db/,
        make: async () => "/proc/studies.db",
      },
      "a file system without folders to be made": {
        code: "storage/unwritable",
        says: /Cannot write the database \/proc\/argmin\/deep\/studies\.db/,
        make: async () => "/proc/argmin/deep/studies.db",
      },
      "a path two levels below a file": {
        code: "storage/unwritable",
        says: /Cannot write the database .*file\/deep\/studies\.db/,
        make: async () => (await writeFile(join(folder.path, "file"), ""), join(folder.path, "file", "deep", "studies.db")),
      },
      "a device": {
        code: "storage/unwritable",
        says: /\/dev\/null \(it is no regular file\)/,
        make: async () => "/dev/null",
      },
      "no path at all": { code: "usage/invalid", says: /needs the path of a file/, make: async () => "" },
      "the name of SQLite's own memory": {
        code: "usage/invalid",
        says: /MemoryStorage/,
        make: async () => ":memory:",
      },
    };

    it.each(Object.entries(bad))("%s", async (_, { code, says, make }) => {
      const file = await make();
      const error = await refusal(openAndRead(file));
      expect(error.message).toMatch(says);
      expect(error.code).toBe(code);
      expect(error.message).not.toMatch(/\n/);
    });

    it("one that is damaged while it is open", async () => {
      const storage = await openSqliteStorage(path);
      await addTrials(storage, 5);
      const other = new Database(path);
      other.exec("update trials set state = 'sleeping' where number = 3");
      other.close();
      const error = await refusal(storage.trials(1));
      expect(error.code).toBe("storage/corrupt");
      expect(error.message).toMatch(/"sleeping" in trials\.state/);
      await storage.close();
    });

    it("one that finds no room on the disk; what was there before is kept", async () => {
      const driver = await SqliteDriver.open(path, { busyTimeoutMs: 1000 });
      await migrate(driver);
      await driver.transaction("read", (sql) => sql.all("pragma max_page_count = 40"));
      const storage = new SqlStorage(driver, systemClock);
      let added = 0;
      const filling = async (): Promise<void> => {
        const study = await storage.createStudy(definition);
        for (; added < 10_000; added++) {
          const proposal = { number: added, assignment: { x: added }, hash: "h".repeat(500), historySequence: 0 };
          await storage.addRunning(study.id, proposal, { worker: "w", leaseMs: 1 });
        }
      };
      const error = await refusal(filling());
      expect(error.code).toBe("storage/full");
      expect(error.message).toMatch(/^No room on the disk to write .*studies\.db; free some space/);
      expect(await storage.trials(1)).toHaveLength(added);
      await storage.close();
    });
  });

  describe("migrations", () => {
    it("keep what studies have from before there were pruners", async () => {
      const driver = await SqliteDriver.open(path, { busyTimeoutMs: 1000 });
      await migrate(driver, migrations.slice(0, 1));
      await driver.transaction("write", async (sql) => {
        await sql.run(
          "insert into studies (id, name, direction, space, sampler, sampler_settings, seed, duplicates, retries, created_at) " +
            "values (1, 'study', 'minimize', null, 'random', '{}', '1', 'allow', 3, 5)",
        );
        await sql.run(
          "insert into trials (study_id, number, state, assignment, origin, history_sequence, attributes, attempts, created_at, token, " +
            "worker, started_at, finished_at, finish_sequence, value, detail) " +
            `values (1, 0, 'pruned', '{}', 'sampler', 0, '{}', 1, 5, 1, 'w', 5, 6, 1, 0.5, '{"reason":"poor"}')`,
        );
        await sql.run(`insert into reports (study_id, number, phase, step, metrics) values (1, 0, '', 2, '{"value":0.5}')`);
      });
      await driver.close();
      const storage = await openSqliteStorage(path);
      expect(await storage.findStudy("study")).toEqual({ ...definition, id: 1, createdAt: 5 });
      expect((await storage.trials(1))[0]).toMatchObject({ state: "pruned", value: 0.5, reason: "poor" });
      const { points, sequence } = await storage.metricChanges(1, "value", 0);
      expect(points).toEqual([{ number: 0, token: 1, step: 2, value: 0.5 }]);
      expect((await storage.metricChanges(1, "value", sequence)).points).toEqual([]);
      await storage.close();
    });

    it("lead an earlier version to the newest, and do nothing the second time", async () => {
      const driver = await SqliteDriver.open(path, { busyTimeoutMs: 1000 });
      await migrate(driver, migrations);
      const more = [...migrations, ["create table extra (a integer)", "insert into extra (a) values (1)"]];
      await migrate(driver, more);
      await migrate(driver, more);
      const rows = await driver.transaction("read", async (sql) => [
        await sql.all("select a from extra"),
        await sql.all("select version from argmin_schema"),
      ]);
      expect(rows).toEqual([[[1]], [[schemaVersion + 1]]]);
      await driver.close();
    });

    it("happen whole or not at all", async () => {
      const driver = await SqliteDriver.open(path, { busyTimeoutMs: 1000 });
      await expect(migrate(driver, [["create table a (b integer)", "create nonsense"]])).rejects.toThrow(/syntax/);
      expect(await driver.transaction("read", (sql) => sql.all(driver.tableNames))).toEqual([]);
      await migrate(driver);
      await driver.close();
    });
  });

  it("keeps each result on the disk before it says so", async () => {
    const driver = await SqliteDriver.open(path, { busyTimeoutMs: 1000 });
    const settings = (mode: "write" | "lazy"): Promise<unknown> =>
      driver.transaction(mode, async (sql) => [await sql.all("pragma synchronous"), await sql.all("pragma journal_mode")]);
    expect(await settings("lazy")).toEqual([[[1]], [["wal"]]]);
    expect(await settings("write")).toEqual([[[2]], [["wal"]]]);
    await driver.close();
  });
});

async function openAndRead(file: string): Promise<void> {
  const storage = await openSqliteStorage(file);
  try {
    for (const { study } of await storage.listStudies()) await storage.trials(study.id);
  } finally {
    await storage.close();
  }
}

async function addTrials(storage: Storage, count: number): Promise<void> {
  const study = await storage.createStudy(definition);
  for (let number = 0; number < count; number++) {
    const request = { assignment: { x: number }, hash: `${number}`, attributes: {}, historySequence: 0, skipIfExists: false };
    await storage.enqueue(study.id, request);
  }
}

async function refusal(promise: Promise<unknown>): Promise<ArgminError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (isArgminError(error)) return error;
  throw error ?? new Error("nothing was refused");
}
