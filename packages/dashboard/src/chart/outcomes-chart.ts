import { middleBaseline, svg, widest, wrap, type SvgContent, type TextStyle, type Theme } from "@argmin/pictures";
import { percentText } from "@argmin/search";
import type { Chart } from "../chart.ts";
import { counted, grouped } from "../scale/words.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import type { ChartedStudy, ChartedTrial } from "./charted-study.ts";
import { fateColour, fateOf, fateWords, type Fate } from "./fate.ts";
import { label } from "./frame.ts";
import { groupBy } from "./group-by.ts";

const name = "outcomes";
const title = "What became of the trials";
const width = 960;
const mostReasons = 8;
const rowHeight = 26;
const style: TextStyle = { size: 12 };
const fateStyle: TextStyle = { size: 12, weight: 600 };

/** Trials of one fate, or of one reason among them. */
interface Row {
  readonly fate: Fate;
  /** `undefined` of the row of all of a fate. */
  readonly reason?: string;
  readonly count: number;
}

/** How many trials ended how, and of those that were pruned, rejected or failed for what reason. */
export function outcomesChart(study: ChartedStudy, { theme }: ChartOptions): Chart {
  const { trials, analysis } = study;
  if (trials.length === 0) return nothing(name, title, "This study has no trials yet.");
  const rows = rowsOf(trials);
  const left = Math.min(430, widest(rows.map(wordsOf), fateStyle) + 30);
  const longest = rows.reduce((most, { count }) => Math.max(most, count), 1);
  const figureRoom = 110;
  const { duplicates } = analysis.counts;
  const lines = rows.map((row) => wrap(wordsOf(row), left - 30, row.reason === undefined ? fateStyle : style, 2));
  let y = 4;
  const content = rows.map((row, i): SvgContent => {
    const height = rowHeight + (lines[i]!.length - 1) * 16;
    const top = y;
    y += height;
    return drawRow(
      row,
      lines[i]!,
      { top, height, left, length: ((width - left - figureRoom) * row.count) / longest },
      trials.length,
      theme,
    );
  });
  return {
    name,
    title,
    ...notes(
      duplicates === 0
        ? "No finished trial repeats an earlier configuration."
        : `${counted(duplicates, "finished trial repeats", "finished trials repeat")} an earlier configuration.`,
    ),
    content: {
      kind: "picture",
      picture: {
        width,
        height: y + 8,
        title,
        description: rows
          .filter(({ reason }) => reason === undefined)
          .map((row) => `${grouped(row.count)} ${wordsOf(row)}`)
          .join(", "),
        content: [content, svg.line({ x1: left, y1: 2, x2: left, y2: y, stroke: theme.axis })],
      },
    },
  };
}

function wordsOf({ fate, reason }: Row): string {
  return reason ?? fateWords[fate];
}

function drawRow(
  { fate, reason, count }: Row,
  lines: readonly string[],
  {
    top,
    height,
    left,
    length,
  }: { readonly top: number; readonly height: number; readonly left: number; readonly length: number },
  total: number,
  theme: Theme,
): SvgContent {
  const isFate = reason === undefined;
  const set = isFate ? fateStyle : style;
  const middle = top + height / 2;
  const first = middleBaseline(middle - (lines.length - 1) * 8, set);
  const figure = isFate ? `${grouped(count)} (${percentText(count / total)})` : grouped(count);
  return [
    isFate && svg.rect({ x: 0, y: top, width, height, fill: theme.surface }),
    lines.map((text, i) =>
      label(text, left - 10, first + 16 * i, { anchor: "end", fill: isFate ? theme.text : theme.mutedText, style: set }),
    ),
    svg.rect({
      x: left,
      y: middle - (isFate ? 7 : 5),
      width: Math.max(1.5, length),
      height: isFate ? 14 : 10,
      rx: 2,
      fill: fateColour(theme, fate),
      fillOpacity: isFate ? 1 : 0.55,
    }),
    label(figure, left + length + 8, middleBaseline(middle, set), { fill: theme.text, style: set }),
  ];
}

/** A row for each fate, and below it one for each of its reasons, the commonest first. */
function rowsOf(trials: readonly ChartedTrial[]): readonly Row[] {
  const byFate = groupBy(trials, fateOf);
  return (Object.keys(fateWords) as readonly Fate[]).flatMap((fate): readonly Row[] => {
    const own = byFate.get(fate) ?? [];
    if (own.length === 0) return [];
    const reasons = [...groupBy(own, reasonOf)]
      .flatMap(([reason, some]) => (reason === undefined ? [] : [{ fate, reason, count: some.length }]))
      .toSorted((a, b) => b.count - a.count);
    const shown = reasons.length > mostReasons ? reasons.slice(0, mostReasons - 1) : reasons;
    const rest = reasons.slice(shown.length);
    const others = rest.reduce((sum, { count }) => sum + count, 0);
    return [
      { fate, count: own.length },
      ...shown,
      ...(rest.length === 0 ? [] : [{ fate, reason: `${counted(rest.length, "other reason")}`, count: others }]),
    ];
  });
}

/** Why a trial was ended early. Reasons that differ in their numbers only are one. */
function reasonOf(trial: ChartedTrial): string | undefined {
  const text = trial.state === "failed" ? trial.error?.message : trial.state === "pruned" ? trial.reason : undefined;
  const line = text?.split("\n").find((part) => part.trim() !== "");
  return line?.trim().replaceAll(/\d+(?:[.,]\d+)*(?:e[+-]?\d+)?/gi, "…");
}
