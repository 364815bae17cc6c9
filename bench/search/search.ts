import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ArgminError, writeFileAtomically } from "@argmin/base";
import { describeMachine } from "../machine.ts";
import { preparePython, startPeer, type Peer } from "../peers.ts";
import { parseSearchOptions, searchHelp, type SearchOptions } from "./options.ts";
import { reportOf, summaryTablesOf, type Evidence } from "./report.ts";
import { loadRanges, loadResults, saveRanges, saveResults, type Best, type RowRange, type SearcherResults } from "./results.ts";
import { openRows, rowNames, surrogateNames, type Row } from "./rows.ts";
import { ensureSameFunction, rangeOf, runOurs, runPeer } from "./runs.ts";
import { searcherNames, searchers, takesPart, type SearcherName } from "./searchers.ts";

/** The search benchmark: `npm run bench -- search`. */
export async function searchBenchmark(words: readonly string[]): Promise<void> {
  const options = parseSearchOptions(words, process.env);
  if (options.help) {
    process.stdout.write(searchHelp);
  } else if (options.render) {
    const evidence = await loadEvidence();
    const report = reportOf(evidence);
    await writeBetweenMarks(notes, report);
    await writeBetweenMarks(readme, summaryTablesOf(evidence));
    process.stdout.write(`${report}\n`);
  } else {
    process.stdout.write(`${reportOf(await run(options))}\n`);
  }
}

async function run(options: SearchOptions): Promise<Evidence> {
  const { surrogates, save } = options;
  if (surrogates === undefined && options.rows.some((row) => surrogateNames.includes(row))) {
    say("The surrogates are left out: their folder is not known; see --surrogates.");
  }
  const rows = await openRows(options.rows, surrogates);
  const committed = await loadEvidence();
  const peer = options.peers ? await startPeer(options.python ?? (await preparePython()), "search_functions.py") : undefined;
  try {
    const ranges: Record<string, RowRange> = {};
    for (const row of rows) ranges[row.name] = committed.ranges[row.name] ?? (await rangeOf(row));
    if (save) await saveRanges(inOrder({ ...committed.ranges, ...ranges }));
    const results: Partial<Record<SearcherName, SearcherResults>> = {};
    for (const name of options.searchers) {
      const known = committed.results[name];
      const isOurs = searchers[name].side === "argmin";
      // A row at a time, since some take an hour: what was run is kept whatever becomes of the next.
      for (const row of rows.filter((row) => takesPart(name, row))) {
        const fresh = isOurs ? await runSampler(name, [row], options) : await topUp(name, [row], peer, known, options);
        const all = { ...fresh, rows: inOrder({ ...results[name]?.rows, ...fresh.rows }) };
        results[name] = all;
        if (save) await saveResults(name, { ...all, rows: inOrder({ ...known?.rows, ...all.rows }) });
      }
    }
    return { results, ranges };
  } finally {
    await peer?.close();
  }
}

/** The rows in the order of the table, whichever of them were run last. */
function inOrder<T>(rows: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(rowNames.flatMap((row) => (rows[row] === undefined ? [] : [[row, rows[row]]])));
}

/** All of what one of argmin's samplers is asked for. */
async function runSampler(sampler: SearcherName, rows: readonly Row[], { seeds }: SearchOptions): Promise<SearcherResults> {
  const bests: Record<string, Best[]> = {};
  for (const row of rows) {
    say(`${sampler} on ${row.name}`);
    bests[row.name] = [];
    for (let seed = 1; seed <= seeds; seed++) bests[row.name]?.push(await runOurs(row, sampler, seed));
  }
  const { commit } = await describeMachine();
  return { system: `argmin ${commit}`, date: today(), rows: bests };
}

/** What is known of a peer's sampler and, if the peer runs, what is missing of it. */
async function topUp(
  sampler: SearcherName,
  rows: readonly Row[],
  peer: Peer | undefined,
  known: SearcherResults | undefined,
  { seeds, rerun, surrogates }: SearchOptions,
): Promise<SearcherResults> {
  const bests: Record<string, readonly Best[]> = {};
  let ran = false;
  for (const row of rows) {
    const list: Best[] = rerun ? [] : (known?.rows[row.name] ?? []).slice(0, seeds);
    if (peer !== undefined && list.length < seeds) {
      say(`${sampler} on ${row.name}, seeds ${list.length + 1} to ${seeds}`);
      await ensureSameFunction(peer, row, surrogates);
      while (list.length < seeds) list.push(await runPeer(peer, row, { sampler, seed: list.length + 1, surrogates }));
      ran = true;
    }
    if (list.length > 0) bests[row.name] = list;
  }
  if (known !== undefined && !ran) return { ...known, rows: bests };
  return { system: peer === undefined ? "not run" : systemOf(sampler, peer), date: today(), rows: bests };
}

/** One peer process is two systems: "hyperopt 1, Optuna 2". */
function systemOf(sampler: SearcherName, { version }: Peer): string {
  const wanted = sampler.split("-")[0] ?? sampler;
  return version.split(", ").find((system) => system.toLowerCase().startsWith(wanted)) ?? version;
}

async function loadEvidence(): Promise<Evidence> {
  const loaded = await Promise.all(searcherNames.map(async (name) => [name, await loadResults(name)] as const));
  const results: Partial<Record<SearcherName, SearcherResults>> = {};
  for (const [name, found] of loaded) if (found !== undefined) results[name] = found;
  return { results, ranges: await loadRanges() };
}

const notes = join(import.meta.dirname, "..", "NOTES.md");
const readme = join(import.meta.dirname, "..", "..", "README.md");
const [begin, end] = ["<!-- search: rendered by `npm run bench -- search --render` -->", "<!-- search: end -->"];

/** Puts a text where a document has room for it. */
async function writeBetweenMarks(path: string, rendered: string): Promise<void> {
  const text = await readFile(path, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new ArgminError("usage/invalid", `${path} has no room for the report, between "${begin}" and "${end}".`);
  await writeFileAtomically(path, `${text.slice(0, from)}${begin}\n\n${rendered}\n\n${text.slice(to)}`);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
