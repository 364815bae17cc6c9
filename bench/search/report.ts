import { median } from "../benchmark.ts";
import { formatNumber } from "../table.ts";
import type { Best, RowRanges, SearcherResults } from "./results.ts";
import { rowNames } from "./rows.ts";
import {
  baseline,
  budgets,
  contenders,
  groups,
  searcherNames,
  searchers,
  type Contender,
  type SearcherName,
} from "./searchers.ts";

/** What there is to report of: results by searcher, and what the rows' values are like. */
export interface Evidence {
  readonly results: Readonly<Partial<Record<SearcherName, SearcherResults>>>;
  readonly ranges: RowRanges;
}

/** A row after a budget: one line of the table. */
export interface Line {
  readonly row: string;
  readonly budget: number;
  /** Those that have results, with their quartiles over the seeds: lower quarter, median, upper quarter. */
  readonly quartiles: ReadonlyMap<SearcherName, readonly [number, number, number]>;
  /** How argmin's samplers compare with the best of their rivals, where both have results. */
  readonly verdicts: ReadonlyMap<Contender, Verdict>;
}

export interface Verdict {
  /** Its median is below the medians of all rivals. */
  readonly isBest: boolean;
  /** How far above the best rival's median it is, in parts of the row's scale; negative where it is below. */
  readonly behind: number;
}

/** argmin's sampler may be behind the best rival by this much of the row's scale. */
export const tolerance = 0.05;

/** All lines of a table that have results, in their order. */
function linesOf({ results, ranges }: Evidence, names: readonly SearcherName[]): readonly Line[] {
  return rowNames.flatMap((row) =>
    budgets.flatMap((budget, place) => {
      const quartiles = new Map<SearcherName, readonly [number, number, number]>();
      for (const name of names) {
        const values = (results[name]?.rows[row] ?? []).flatMap((best) => best[place] ?? []);
        if (values.length > 0) quartiles.set(name, quartilesOf(values));
      }
      if (quartiles.size === 0) return [];
      const scale = scaleOf(row, results, ranges);
      const verdicts = contenders.flatMap((name) => {
        const verdict = verdictOf(name, quartiles, scale);
        return verdict === undefined ? [] : [[name, verdict] as const];
      });
      return [{ row, budget, quartiles, verdicts: new Map(verdicts) }];
    }),
  );
}

function verdictOf(contender: Contender, quartiles: Line["quartiles"], scale: number | undefined): Verdict | undefined {
  const ours = quartiles.get(contender)?.[1];
  const theirs = rivalsOf(contender).flatMap((name) => quartiles.get(name)?.[1] ?? []);
  if (ours === undefined || theirs.length === 0 || scale === undefined) return undefined;
  const best = Math.min(...theirs);
  return { isBest: ours < best, behind: ours === best ? 0 : (ours - best) / scale };
}

/** Peers of the same method; of a sampler that picks among methods everybody else, argmin's own too. */
function rivalsOf(contender: Contender): readonly SearcherName[] {
  const { method } = searchers[contender];
  if (method === "any") return groups.samplers.filter((name) => name !== contender);
  return searcherNames.filter((name) => searchers[name].side === "peer" && searchers[name].method === method);
}

/**
 * From the least value known to the median of a row's values at random points, the range that a search can show itself in: the
 * highest values, which may be any number of times as far away, would make every difference look small.
 */
function scaleOf(row: string, results: Evidence["results"], ranges: RowRanges): number | undefined {
  const range = ranges[row];
  if (range === undefined) return undefined;
  const bests = searcherNames.flatMap((name) => results[name]?.rows[row] ?? []);
  return range.median - (range.minimum ?? Math.min(range.lowest, ...bests.map((best) => Math.min(...best))));
}

/** The tables as Markdown, with the counts that sum them up. */
export function reportOf(evidence: Evidence): string {
  const samplers = linesOf(evidence, groups.samplers);
  const pruners = linesOf(evidence, groups.pruners).filter(({ quartiles }) =>
    [...quartiles.keys()].some((name) => name !== baseline),
  );
  return [...sectionOf(evidence, samplers, "trials"), ...sectionOf(evidence, pruners, "steps of whole trials")].join("\n\n");
}

/** The shorter tables of the README: one budget, and those of a group that a reader would choose between. */
export function summaryTablesOf(evidence: Evidence): string {
  return summaries
    .flatMap(({ names, group, heading }) => {
      const lines = linesOf(evidence, group).filter(
        ({ budget, quartiles }) => budget === summaryBudget && quartiles.has(names[0]),
      );
      if (lines.length === 0) return [];
      const cell: CellOf = ([lower, middle, upper]) => `${digits(middle)} (${digits(lower)} .. ${digits(upper)})`;
      return [tableOf(lines, names, heading, cell)];
    })
    .join("\n\n");
}

const summaryBudget = 100;

const summaries = [
  {
    names: ["auto", "gp", "tpe", "optuna-gp", "optuna-tpe", "hyperopt"],
    group: groups.samplers,
    heading: "trials",
  },
  {
    names: [
      "successive-halving",
      "promote",
      "hyperband",
      "median",
      "optuna-successive-halving",
      "optuna-hyperband",
      "optuna-median",
      "random",
    ],
    group: groups.pruners,
    heading: "steps of whole trials",
  },
] as const satisfies readonly {
  readonly names: readonly SearcherName[];
  readonly group: readonly SearcherName[];
  readonly heading: string;
}[];

function sectionOf(evidence: Evidence, lines: readonly Line[], budget: string): readonly string[] {
  if (lines.length === 0) return [];
  const names = searcherNames.filter((name) => lines.some(({ quartiles }) => quartiles.has(name)));
  return [
    sourcesOf(evidence, names),
    summaryOf(lines),
    "Medians of the best value so far; lower is better. **Bold**: below all of the peers' of its method; auto below all others.",
    tableOf(lines, names, budget, ([, middle], name, { verdicts }) => {
      const isBest = contenders.some((contender) => contender === name && verdicts.get(contender)?.isBest === true);
      return isBest ? `**${digits(middle)}**` : digits(middle);
    }),
    "Lower and upper quartiles of the same:",
    tableOf(lines, names, budget, ([lower, , upper]) => `${digits(lower)} .. ${digits(upper)}`),
  ];
}

function sourcesOf({ results }: Evidence, names: readonly SearcherName[]): string {
  const parts = names.map((name) => {
    const { system = "", date = "", rows = {} } = results[name] ?? {};
    const seeds = Object.values(rows).map((bests: readonly Best[]) => bests.length);
    const [fewest, most] = [Math.min(...seeds), Math.max(...seeds)];
    return `${searchers[name].title} (${system}, ${fewest === most ? fewest : `${fewest} to ${most}`} seeds, ${date})`;
  });
  return `${parts.join("; ")}.`;
}

/** The counts: how often argmin's samplers are best, against each peer, and where they are further behind than they may be. */
function summaryOf(lines: readonly Line[]): string {
  const parts = contenders.flatMap((contender) => summaryOfOne(contender, lines) ?? []);
  return parts.length === 0 ? "There is nothing to compare argmin's samplers with." : parts.join("\n\n");
}

function summaryOfOne(contender: Contender, lines: readonly Line[]): string | undefined {
  const judged = lines.flatMap(({ verdicts, ...line }) => {
    const verdict = verdicts.get(contender);
    return verdict === undefined ? [] : [{ ...line, ...verdict }];
  });
  if (judged.length === 0) return undefined;
  const against = rivalsOf(contender).flatMap((name) => {
    const both = judged.filter(({ quartiles }) => quartiles.has(name));
    const better = both.filter(({ quartiles }) => quartiles.get(contender)![1] < quartiles.get(name)![1]);
    return both.length === 0 ? [] : [`than ${searchers[name].title} on ${better.length} of ${both.length}`];
  });
  const behind = judged.filter(({ behind }) => behind > tolerance);
  const worst = judged.reduce((a, b) => (b.behind > a.behind ? b : a));
  const list = behind.map(({ row, budget, behind }) => `${row} after ${budget} (${percent(behind)})`).join(", ");
  const { title, method } = searchers[contender];
  return [
    `${title} has a better median than ${method === "any" ? "everybody else" : `every ${method} of the peers`} on ${judged.filter(({ isBest }) => isBest).length} of ${judged.length} lines;`,
    `better ${against.join(", ")}.`,
    behind.length === 0
      ? `It is nowhere behind the best of them by more than ${percent(tolerance)} of the function's range; most on ${worst.row} after ${worst.budget}, by ${percent(worst.behind)}.`
      : `It is behind the best of them by more than ${percent(tolerance)} of the function's range on ${list}.`,
  ].join(" ");
}

type CellOf = (quartiles: readonly [number, number, number], name: SearcherName, line: Line) => string;

function tableOf(lines: readonly Line[], names: readonly SearcherName[], budget: string, cellOf: CellOf): string {
  const header = ["", budget, ...names.map((name) => searchers[name].title)];
  const rows = lines.map((line) => [
    line.budget === lines.find(({ row }) => row === line.row)?.budget ? line.row : "",
    String(line.budget),
    ...names.map((name) => {
      const quartiles = line.quartiles.get(name);
      return quartiles === undefined ? "" : cellOf(quartiles, name, line);
    }),
  ]);
  const divider = header.map((_, column) => (column === 0 ? "---" : "---:"));
  return [header, divider, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function quartilesOf(values: readonly number[]): readonly [number, number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const left = sorted[Math.floor(place)]!;
    return left + (place % 1) * (sorted[Math.ceil(place)]! - left);
  };
  return [at(0.25), median(values), at(0.75)];
}

/** Four digits, since on the surrogates the fourth is where searches differ. */
function digits(value: number): string {
  return Math.abs(value) >= 1000 ? formatNumber(value) : String(Number(value.toPrecision(4)));
}

function percent(share: number): string {
  return `${formatNumber(100 * share)} %`;
}
