import { ArgminError, fileError, messageOf, writeFileAtomically } from "@argmin/base";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { readEventHeading } from "./event.ts";
import { readRecords } from "./record.ts";

/** What a run's folder holds already. */
export interface EarlierEvents {
  /** The steps that values are there of. */
  readonly steps: ReadonlySet<number>;
  readonly hasGraph: boolean;
  /** When the first file was begun, Unix time in seconds, what is taken out now included; undefined if there is none. */
  readonly since: number | undefined;
  /** The latest time in a file's name, by which readers order the files of a run. */
  readonly lastStamp: number;
  /** Whether something was taken out. */
  readonly wasCut: boolean;
}

/** Marks the files that argmin wrote: it takes nothing out of others. */
export const fileSuffix = ".argmin";

const namePattern = /^events\.out\.tfevents\.(?<stamp>\d{10})\..*\.argmin$/;

/**
 * Takes what is of later steps than `lastStep` out of a run's files, and half a record that a killed process left at an end, and
 * says what is left. A file of which nothing is left goes. Infinity leaves all files as they are: somebody may be writing them.
 *
 * @throws ArgminError `data/missing` if a file cannot be read, `file/*` if one cannot be written.
 */
export async function keepEvents(folder: string, lastStep: number): Promise<EarlierEvents> {
  const steps = new Set<number>();
  let hasGraph = false;
  let since: number | undefined;
  let lastStamp = 0;
  let wasCut = false;
  for (const { name, stamp } of await eventFiles(folder)) {
    lastStamp = Math.max(lastStamp, stamp);
    const path = join(folder, name);
    const file = await readBytes(path);
    const kept: Uint8Array[] = [];
    let isWorthKeeping = false;
    let start = 0;
    for (const { payload, end } of readRecords(file)) {
      const { wallTime, step, kind } = readEventHeading(payload);
      if (kind === "version") since ??= wallTime;
      if (step <= lastStep || kind === "version") {
        kept.push(file.subarray(start, end));
        isWorthKeeping ||= kind !== "version";
        if (kind === "summary") steps.add(step);
        hasGraph ||= kind === "graph";
      }
      start = end;
    }
    const left = kept.reduce((sum, { length }) => sum + length, 0);
    if (lastStep === Infinity || (left === file.length && isWorthKeeping)) continue;
    wasCut = true;
    if (isWorthKeeping) await writeFileAtomically(path, Buffer.concat(kept));
    else await remove(path);
  }
  return { steps, hasGraph, since, lastStamp, wasCut };
}

/** In the order in which they were begun. */
async function eventFiles(folder: string): Promise<readonly { readonly name: string; readonly stamp: number }[]> {
  if (!existsSync(folder)) return [];
  const names = await readdir(folder).catch((error: unknown) => {
    throw new ArgminError("data/missing", `Cannot list the logs in ${folder}: ${messageOf(error)}.`, { cause: error });
  });
  return names.toSorted().flatMap((name) => {
    const stamp = namePattern.exec(name)?.groups?.["stamp"];
    return stamp === undefined ? [] : [{ name, stamp: Number(stamp) }];
  });
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ArgminError("data/missing", `Cannot read the log ${path}: ${messageOf(error)}.`, { cause: error });
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path);
  } catch (error) {
    throw fileError(path, error);
  }
}
