import { ArgminError } from "@argmin/base";
import type { SqlDriver, SqlTransaction } from "./driver.ts";
import { migrations } from "./migrations.ts";

const versionTable = "argmin_schema";

/**
 * Brings a database to the newest schema, from nothing or from any earlier version. Any number of programs may do so at
 * once: each step happens once.
 *
 * @param steps - The migrations of this program; others in tests only.
 * @throws ArgminError `storage/newer` if a later version of argmin has been here, `storage/corrupt` if the tables are
 *   another program's.
 */
export async function migrate(driver: SqlDriver, steps: readonly (readonly string[])[] = migrations): Promise<void> {
  // Most often nothing is to be done, and a read transaction stands in nobody's way.
  const version = await driver.transaction("read", (transaction) => readVersion(driver, transaction, steps.length));
  if (version === steps.length) return;
  await driver.transaction("write", async (transaction) => {
    let current = await readVersion(driver, transaction, steps.length);
    if (current === 0) {
      await transaction.run(`create table ${versionTable} (version integer not null)`);
      await transaction.run(`insert into ${versionTable} (version) values (0)`);
    }
    for (; current < steps.length; current++) {
      for (const statement of steps[current]!) await transaction.run(statement);
    }
    await transaction.run(`update ${versionTable} set version = ?`, [current]);
  });
}

/** The version of the schema, at most `known`; 0 for an empty database. */
async function readVersion(driver: SqlDriver, transaction: SqlTransaction, known: number): Promise<number> {
  const tables = (await transaction.all(driver.tableNames)).map(([name]) => name);
  if (tables.length === 0) return 0;
  const version = tables.includes(versionTable)
    ? (await transaction.all(`select version from ${versionTable}`))[0]?.[0]
    : undefined;
  if (typeof version === "number") {
    if (version > known) throw newer(driver.description, version, known);
    return version;
  }
  throw new ArgminError(
    "storage/corrupt",
    `${capitalised(driver.description)} is a database of another program; choose another file or an empty database.`,
  );
}

function newer(description: string, found: number, known: number): ArgminError {
  return new ArgminError(
    "storage/newer",
    `${capitalised(description)} has schema version ${found}, written by a newer argmin; this one knows versions up to ` +
      `${known}. Update argmin, or choose another database.`,
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
