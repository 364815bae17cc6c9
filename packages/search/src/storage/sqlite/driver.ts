import { sleep } from "@argmin/base";
import Database from "libsql";
import type { SqlDriver, SqlRow, SqlTransaction, SqlValue, TransactionMode } from "../sql/driver.ts";
import { isBusy, translated } from "./errors.ts";

/** How long SQLite itself waits for a lock, and with it this whole thread. The rest of the wait is asynchronous. */
const blockingWaitMs = 20;

/** Longest pause between two attempts to get the lock. */
const pauseMs = 25;

/** In WAL mode `normal` keeps the file consistent whatever happens, and leaves the flush to the next `full` commit. */
const begin: { readonly [M in TransactionMode]: string } = {
  read: "begin",
  write: "pragma synchronous = full; begin immediate",
  lazy: "pragma synchronous = normal; begin immediate",
};

/**
 * A connection to one SQLite file: write-ahead log, flushed to the disk by each `write`.
 *
 * @remarks libsql 0.5.29, found by trying: a boolean parameter or a look at `inTransaction` after `close` ends the
 *   process; a prepared statement that failed with SQLITE_BUSY keeps its lock until it is garbage. Hence transactions begin by
 *   `exec`, where a refusal leaves nothing behind, and a statement that failed is not used again.
 */
export class SqliteDriver implements SqlDriver {
  readonly description: string;
  readonly tableNames = "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'";
  readonly #path: string;
  readonly #busyTimeoutMs: number;
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  /** Resolves when the transactions that were asked for so far are over: a connection has one at a time. */
  #idle: Promise<unknown> = Promise.resolve();

  private constructor(path: string, busyTimeoutMs: number) {
    this.#path = path;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.description = `the file ${path}`;
    this.#database = new Database(path, { timeout: blockingWaitMs });
  }

  /** @throws ArgminError `storage/...` if the file cannot be used. */
  static async open(path: string, options: { readonly busyTimeoutMs: number }): Promise<SqliteDriver> {
    try {
      const driver = new SqliteDriver(path, options.busyTimeoutMs);
      await driver.#patiently(() => driver.#database.exec("pragma journal_mode = wal"));
      return driver;
    } catch (error) {
      throw translated(error, path);
    }
  }

  transaction<T>(mode: TransactionMode, body: (transaction: SqlTransaction) => Promise<T>): Promise<T> {
    const done = this.#idle.then(() => this.#transact(mode, body));
    this.#idle = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#idle;
    this.#statements.clear();
    // Leaves one file where it can; another process that reads just now is no reason to wait.
    if (!this.#database.open) return;
    this.#database.exec("pragma wal_checkpoint(truncate)");
    this.#database.close();
  }

  async #transact<T>(mode: TransactionMode, body: (transaction: SqlTransaction) => Promise<T>): Promise<T> {
    try {
      return await this.#patiently(async () => {
        this.#database.exec(begin[mode]);
        try {
          const result = await body(this.#open);
          this.#database.exec("commit");
          return result;
        } catch (error) {
          this.#rollBack();
          throw error;
        }
      });
    } catch (error) {
      throw translated(error, this.#path);
    }
  }

  readonly #open: SqlTransaction = {
    all: async (sql, parameters = []) => this.#execute(sql, (statement) => statement.raw().all(parameters)).map(checkedRow),
    run: async (sql, parameters = []) => this.#execute(sql, (statement) => statement.run(parameters)).changes,
  };

  #execute<T>(sql: string, use: (statement: Database.Statement) => T): T {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    try {
      return use(statement);
    } catch (error) {
      this.#statements.delete(sql);
      throw error;
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec("rollback");
    } catch {
      // After some errors (a full disk) SQLite has rolled back by itself.
    }
  }

  /** Tries until another connection's lock is gone. */
  async #patiently<T>(attempt: () => T | Promise<T>): Promise<T> {
    const givingUp = performance.now() + this.#busyTimeoutMs;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!isBusy(error) || performance.now() > givingUp) throw error;
        await sleep(1 + Math.random() * pauseMs);
      }
    }
  }
}

function checkedRow(row: unknown): SqlRow {
  if (!Array.isArray(row)) throw new Error("internal: SQLite gave no row.");
  return row.map(checkedValue);
}

function checkedValue(value: unknown): SqlValue {
  if (typeof value === "number" || typeof value === "string" || value === null) return value;
  throw new Error(`internal: SQLite gave a ${typeof value}.`);
}
