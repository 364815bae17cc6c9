import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ArgminError, isJsonObject, parseJson, writeFileAtomically, type JsonValue } from "@argmin/base";
import { budgetsOf, type SearcherName } from "./searchers.ts";

const folder = join(import.meta.dirname, "results");

/** What one searcher reached: the raw data of the table. */
export interface SearcherResults {
  /** The system and its version. */
  readonly system: string;
  readonly date: string;
  /** By row, then by seed from 1 on: the best value after each of the budgets. */
  readonly rows: Readonly<Record<string, readonly Best[]>>;
}

/** The best value after each of the searcher's budgets. */
export type Best = readonly number[];

/** What a row's values are like over its space. */
export interface RowRange {
  /** The known minimum, `null` where nobody knows it. */
  readonly minimum: number | null;
  /** Of many random points. */
  readonly lowest: number;
  readonly median: number;
  readonly highest: number;
}

export type RowRanges = Readonly<Record<string, RowRange>>;

/** The committed results of one searcher, if there are any. */
export async function loadResults(searcher: SearcherName): Promise<SearcherResults | undefined> {
  const path = pathOf(searcher);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const document = parseJson(text, path);
  if (!isJsonObject(document)) throw damaged(path);
  const { system, date, rows } = document;
  if (typeof system !== "string" || typeof date !== "string" || rows === undefined || !isJsonObject(rows)) throw damaged(path);
  return {
    system,
    date,
    rows: Object.fromEntries(
      Object.entries(rows).map(([row, bests]) => [row, readBests(bests, budgetsOf(searcher).length, path)]),
    ),
  };
}

/** Writes one searcher's results, a line a row, so that a difference shows what changed. */
export async function saveResults(searcher: SearcherName, { system, date, rows }: SearcherResults): Promise<void> {
  await writeFileAtomically(pathOf(searcher), documentOf({ system, date, budgets: budgetsOf(searcher) }, rows));
}

export async function loadRanges(): Promise<RowRanges> {
  const path = pathOf("ranges");
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return {};
  const document = parseJson(text, path);
  const rows = isJsonObject(document) ? document["rows"] : undefined;
  if (rows === undefined || !isJsonObject(rows)) throw damaged(path);
  return Object.fromEntries(Object.entries(rows).map(([row, range]) => [row, readRange(range, path)]));
}

export async function saveRanges(rows: RowRanges): Promise<void> {
  await writeFileAtomically(pathOf("ranges"), documentOf({ draws: drawsOfRange }, rows));
}

/** Random points that a row's range is taken from. */
export const drawsOfRange = 10_000;

function pathOf(name: string): string {
  return join(folder, `${name}.json`);
}

function documentOf(head: Readonly<Record<string, unknown>>, rows: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(rows).map(([row, value]) => `    ${JSON.stringify(row)}: ${JSON.stringify(value, rounded)}`);
  const members = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  return `{\n${members.join("")}  "rows": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** Seven digits say all that is asked of a result. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(7)) : value;
}

function readBests(value: JsonValue, length: number, path: string): readonly Best[] {
  if (!Array.isArray(value)) throw damaged(path);
  return value.map((best) => {
    if (!Array.isArray(best) || best.length !== length) throw damaged(path);
    return best.map((number) => numberIn(number, path));
  });
}

function readRange(value: JsonValue, path: string): RowRange {
  if (!isJsonObject(value)) throw damaged(path);
  const { minimum, lowest, median, highest } = value;
  return {
    minimum: minimum === null ? null : numberIn(minimum, path),
    lowest: numberIn(lowest, path),
    median: numberIn(median, path),
    highest: numberIn(highest, path),
  };
}

function numberIn(value: unknown, path: string): number {
  if (typeof value !== "number") throw damaged(path);
  return value;
}

function damaged(path: string): ArgminError {
  return new ArgminError("json/invalid", `${path} is not what the search benchmark wrote; take the committed one again.`);
}
