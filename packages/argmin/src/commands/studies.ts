import { ArgminError, hashJson, isJsonObject, type JsonObject } from "@argmin/base";
import { spaceFromJson, type Assignment, type FlatValues, type Storage, type StudyRecord } from "@argmin/search";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { didYouMean } from "../flags/suggestion.ts";
import { loadExperiment } from "../loading/load-experiment.ts";
import { findExperiment, looksLikeFile } from "../loading/reference.ts";
import { shownPath } from "../loading/shown-path.ts";
import { experimentAttribute, finishAttribute, optionsAttribute, readFinish, readMetric } from "../results/attributes.ts";
import type { Describe, FinishRecord } from "../results/document.ts";
import type { Terminal } from "../terminal.ts";

/** The flags that say where studies are. */
export interface WhereFlags {
  readonly study?: string;
  readonly storage?: string;
  readonly out?: string;
}

/** The folder of results, and the database that lies in it unless `--storage` names another. */
export function places(
  { storage, out }: WhereFlags,
  terminal: Terminal,
): { readonly results: string; readonly database: string } {
  const results = resolve(terminal.folder, out ?? "results");
  return { results, database: storage === undefined ? join(results, "argmin.db") : resolve(terminal.folder, storage) };
}

/**
 * A study's own folder among the results. Any name gives a folder below them, even `..`, one that is too long for a folder's name,
 * and that of the database itself or of the files that SQLite keeps beside it.
 */
export function studyFolder({ results, database }: ReturnType<typeof places>, name: string): string {
  const encoded = encodeURIComponent(name.replaceAll(/\p{Cs}/gu, "\uFFFD"))
    .replace(/^\./, "%2E")
    .replaceAll("*", "%2A");
  const folder = join(results, encoded);
  const taken = folder === database || folder.startsWith(`${database}-`);
  if (!taken && encoded.length <= longestName) return folder;
  return join(results, `${encoded.slice(0, longestName - 20).replace(/%.?$/, "")}~${hashJson(name).slice(0, 16)}`);
}

/** What the folders of trainings for good are called, within a study's folder: `retrain-best`. */
export const retrainPrefix = "retrain-";

/** File systems take 255 bytes. */
const longestName = 120;

/** Lends the storage to `work` and closes it again. The driver is loaded only here, where it is needed. */
export async function withStorage<T>(database: string, work: (storage: Storage) => Promise<T>): Promise<T> {
  const { openSqliteStorage } = await import("@argmin/search/sqlite");
  const storage = await openSqliteStorage(database);
  const result = await work(storage).catch(async (error: unknown) => {
    // A disk that is full is no place to close a database on, either: the first error is the one to tell.
    await storage.close().catch(() => undefined);
    throw error;
  });
  await storage.close();
  return result;
}

/** As `withStorage`, for a database that must be there already. */
export function withExistingStorage<T>(database: string, folder: string, work: (storage: Storage) => Promise<T>): Promise<T> {
  if (!existsSync(database)) {
    throw new ArgminError(
      "study/missing",
      `There is no database ${shownPath(database, folder)}; 'argmin run' makes one, and --storage names another.`,
    );
  }
  return withStorage(database, work);
}

/** A study as the commands that read one need it. */
export interface OpenStudy {
  readonly storage: Storage;
  readonly record: StudyRecord;
  readonly describe: Describe;
  readonly metric: string;
  /** The experiment's own options. */
  readonly options: JsonObject;
  readonly finish: FinishRecord | undefined;
}

/**
 * Lends a study that is there already to `work`.
 *
 * @param word - The study, or the file it was run from, as a command's word has it; `--study` has the last word.
 * @throws ArgminError `study/missing`, naming those there are.
 */
export async function withStudy<T>(
  word: string | undefined,
  flags: WhereFlags,
  terminal: Terminal,
  work: (study: OpenStudy) => Promise<T>,
): Promise<T> {
  return withExistingStorage(places(flags, terminal).database, terminal.folder, async (storage) => {
    const name = flags.study ?? (word === undefined ? undefined : await studyOfWord(word, storage, terminal));
    return work(await openStudy(storage, await findStudy(storage, name)));
  });
}

/** A word that looks like a file may be a study's name all the same (`team/valley`). */
async function studyOfWord(word: string, storage: Storage, terminal: Terminal): Promise<string> {
  return (await storage.findStudy(word)) === undefined ? experimentOfWord(word, terminal) : word;
}

/** The name of the experiment that a command's word means: that in the file, or the word itself. */
export async function experimentOfWord(word: string, { folder }: Terminal): Promise<string> {
  return looksLikeFile(word) ? (await loadExperiment(findExperiment(word, folder), folder)).name : word;
}

async function findStudy(storage: Storage, name: string | undefined): Promise<StudyRecord> {
  const found = name === undefined ? undefined : await storage.findStudy(name);
  if (found !== undefined) return found;
  const studies = (await storage.listStudies()).map(({ study }) => study);
  const names = studies.map((study) => study.name);
  if (name !== undefined) {
    const hint = didYouMean(name, names);
    const known = names.length === 0 ? " It holds none yet." : ` It holds: ${names.join(", ")}.`;
    throw new ArgminError("study/missing", `There is no study '${name}' in ${storage.description}.${hint === "" ? known : hint}`);
  }
  const [only] = studies;
  if (only !== undefined && studies.length === 1) return only;
  throw new ArgminError(
    "study/missing",
    only === undefined
      ? `There is no study in ${storage.description} yet.`
      : `Name one of the studies in ${storage.description}: ${names.join(", ")}.`,
  );
}

async function openStudy(storage: Storage, record: StudyRecord): Promise<OpenStudy> {
  const attributes = await storage.studyAttributes(record.id);
  const options = attributes[optionsAttribute];
  return {
    storage,
    record,
    describe: describer(record),
    metric: readMetric(attributes[experimentAttribute]),
    options: isJsonObject(options) ? options : {},
    finish: readFinish(attributes[finishAttribute]),
  };
}

/** Flat values of an assignment; a define-by-run study has no space to name options by. */
function describer(record: StudyRecord): Describe {
  if (record.space === null) return (assignment: Assignment): FlatValues => assignment;
  const space = spaceFromJson(record.space);
  return (assignment) => space.describe(assignment);
}
