/** What a database column can hold here. Booleans and dates have no place in the schema. */
export type SqlValue = number | string | null;

/** The values of one row, in the order of the columns asked for. */
export type SqlRow = readonly SqlValue[];

/** One open transaction. */
export interface SqlTransaction {
  /** Runs a statement with `?` placeholders and returns all its rows. */
  all(sql: string, parameters?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Runs a statement with `?` placeholders and returns the number of rows it changed. */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<number>;
}

/**
 * `read` sees one snapshot. `write` is on the disk when it resolves. `lazy` writes too, and survives the end of this
 * process, but perhaps not a power cut before the next `write`: for what a power cut makes void anyway.
 */
export type TransactionMode = "read" | "write" | "lazy";

/**
 * All that `SqlStorage` wants of a database: whatever implements this can hold studies.
 *
 * @remarks A transaction that writes is alone: from its beginning to its end no other writer gets in, in this process or
 *   another. When a body throws, nothing of its transaction remains. A body may be run again. Errors of the medium come out as
 *   ArgminError `storage/...`.
 */
export interface SqlDriver {
  /** What to call the database in messages: "the file studies.db". */
  readonly description: string;
  /** A query for the names of the tables. */
  readonly tableNames: string;
  transaction<T>(mode: TransactionMode, body: (transaction: SqlTransaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
