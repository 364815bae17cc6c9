import { counted, grouped } from "@argmin/base";
import { middleBaseline, svg, widest, wrap, type SvgContent, type TextStyle, type Theme } from "@argmin/pictures";
import type { Chart } from "../chart.ts";
import { shareText } from "../scale/words.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import type { ChartedStudy, ChartedTrial } from "./charted-study.ts";
import { fateColour, fateOf, fates, fateWords } from "./fate.ts";
import { label } from "./frame.ts";
import { groupBy } from "./group-by.ts";
import { reasonOf, withoutNumbers } from "./reason.ts";

const name = "outcomes";
const title = "What became of the trials";
const width = 960;
const mostReasons = 8;
const rowHeight = 24;
const groupGap = 6;
const style: TextStyle = { size: 12 };
const fateStyle: TextStyle = { size: 12, weight: 600 };

/** Trials of one kind, or of one reason among them. */
interface Row {
  readonly words: string;
  readonly count: number;
  readonly colour: (theme: Theme) => string;
  readonly isReason: boolean;
  /** Whether several reasons that differ in their numbers were taken as this one. */
  readonly isMerged?: boolean;
}

/** How many trials ended how, and of those that were pruned, rejected or failed for what reason. */
export function outcomesChart(study: ChartedStudy, { theme }: ChartOptions): Chart {
  const { trials } = study;
  if (trials.length === 0) return nothing(name, title, "This study has no trials yet.");
  const rows = [...rowsOf(trials), ...repeatsOf(study)];
  const left = Math.min(
    430,
    widest(
      rows.map(({ words }) => words),
      fateStyle,
    ) + 30,
  );
  const longest = rows.reduce((most, { count }) => Math.max(most, count), 1);
  const figureRoom = 110;
  const lines = rows.map((row) => wrap(row.words, left - 30, row.isReason ? style : fateStyle, 2));
  let y = 4;
  const content = rows.map((row, i): SvgContent => {
    const height = rowHeight + (lines[i]!.length - 1) * 16;
    y += row.isReason || i === 0 ? 0 : groupGap;
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
    ...notes(rows.some(({ isMerged }) => isMerged) ? "Reasons that differ in their numbers only count as one." : undefined),
    content: {
      kind: "picture",
      picture: {
        width,
        height: y + 8,
        title,
        description: `${rows
          .filter(({ isReason }) => !isReason)
          .map(({ count, words }) => `${grouped(count)} ${words}`)
          .join(", ")}.`,
        content: [content, svg.line({ x1: left, y1: 2, x2: left, y2: y, stroke: theme.axis })],
      },
    },
  };
}

function drawRow(
  { count, colour, isReason }: Row,
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
  const isFate = !isReason;
  const set = isFate ? fateStyle : style;
  const middle = top + height / 2;
  const first = middleBaseline(middle - (lines.length - 1) * 8, set);
  const figure = isFate ? `${grouped(count)} (${shareText(count / total)})` : grouped(count);
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
      fill: colour(theme),
      fillOpacity: isFate ? 1 : 0.55,
    }),
    label(figure, left + length + 8, middleBaseline(middle, set), { fill: theme.text, style: set }),
  ];
}

/** A row for each fate, and below it one for each of its reasons, the commonest first. */
function rowsOf(trials: readonly ChartedTrial[]): readonly Row[] {
  const byFate = groupBy(trials, fateOf);
  const rows: Row[] = [];
  for (const fate of fates) {
    const own = byFate.get(fate) ?? [];
    if (own.length === 0) continue;
    const colour = (theme: Theme): string => fateColour(theme, fate);
    rows.push({ words: fateWords[fate], count: own.length, colour, isReason: false });
    const reasons = reasonsOf(own);
    const shown = reasons.length > mostReasons ? reasons.slice(0, mostReasons - 1) : reasons;
    for (const reason of shown) rows.push({ ...reason, colour, isReason: true });
    const rest = reasons.slice(shown.length);
    const count = rest.reduce((sum, reason) => sum + reason.count, 0);
    if (rest.length > 0) rows.push({ words: counted(rest.length, "other reason"), count, colour, isReason: true });
  }
  return rows;
}

/** Finished trials whose configuration an earlier one had: they are among the others, too. */
function repeatsOf({ analysis }: ChartedStudy): readonly Row[] {
  const { duplicates } = analysis.counts;
  const words = duplicates === 1 ? "repeats an earlier configuration" : "repeat an earlier configuration";
  return duplicates === 0 ? [] : [{ words, count: duplicates, colour: ({ missing }) => missing, isReason: false }];
}

/** Why trials were ended early, the commonest first. */
function reasonsOf(trials: readonly ChartedTrial[]): readonly Pick<Row, "words" | "count" | "isMerged">[] {
  const texts = trials.flatMap((trial) => reasonOf(trial) ?? []);
  return [...groupBy(texts, withoutNumbers)]
    .map(([pattern, own]) => {
      const isMerged = own.some((text) => text !== own[0]);
      return { words: isMerged ? pattern : own[0]!, count: own.length, isMerged };
    })
    .toSorted((a, b) => b.count - a.count);
}
