import { capHeight, measure, svg, wrap, type Point, type SvgContent, type TextStyle, type Theme } from "@argmin/pictures";
import type { Parameter } from "@argmin/search";
import type { Chart } from "../chart.ts";
import { cellsOf, hasFewValues, parameterScale } from "../scale/parameter-scale.ts";
import type { Scale, Tick } from "../scale/scale.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import {
  labelsByImportance,
  rankedTrials,
  resultName,
  whyNoResult,
  type ChartedStudy,
  type RankedTrial,
} from "./charted-study.ts";
import { label } from "./frame.ts";
import { lineHints, trialWords } from "./hint.ts";
import { legend, lineItem, rankColour, rankItems } from "./legend.ts";
import { line, lines, spreadOf, tenth } from "./marks.ts";
import { fitApart } from "./option-labels.ts";
import { byRank } from "./parameter-panel.ts";
import { resultScale } from "./result-scale.ts";
import { thinned } from "./thin.ts";

const name = "parallel-coordinates";
const title = "Every trial as a line through its hyper-parameters";
const shownParameters = 8;
const mostLines = 400;
const width = 960;
const axisHeight = 340;
/** Below the axes: where the lines of trials run that do not have the parameter. */
const inactiveRoom = 34;
const headStyle: TextStyle = { size: 12, weight: 600 };
const mostHeadLines = 5;
const tickStyle: TextStyle = { size: 11 };

export interface ParallelCoordinatesOptions extends ChartOptions {
  /** Which parameters, from left to right; the eight most important unless given. */
  readonly labels?: readonly string[];
}

/** One axis of many: its heading, and where a trial's line crosses it. */
interface Upright {
  readonly x: number;
  readonly heading: string;
  readonly scale: Scale;
  /** The share of the axis that one of few values has for itself; 0 where there are many. */
  readonly cell: number;
  /** `undefined` where the parameter was not active. */
  readonly valueOf: (trial: RankedTrial) => number | undefined;
  readonly ticks: readonly Tick[];
}

/** An axis for each of the most important hyper-parameters and one for the result; a line through them for each trial, coloured by rank. */
export function parallelCoordinatesChart(study: ChartedStudy, { theme, labels }: ParallelCoordinatesOptions): Chart {
  const wanted = labels ?? labelsByImportance(study).slice(0, shownParameters);
  const parameters = wanted.flatMap((text) => study.space.parameter(text) ?? []);
  const why = whyNoResult(study) ?? (parameters.length === 0 ? "This study has no such parameters." : undefined);
  if (why !== undefined) return nothing(name, title, why);
  const ranked = rankedTrials(study);
  const { kept, note } = thinned(ranked, mostLines);
  const results = resultScale(
    study,
    ranked.map(({ value }) => value),
  );
  const uprights = uprightsOf(study, parameters, kept, results.scale);
  const spacing = uprights[1]!.x - uprights[0]!.x;
  const heads = uprights.map(({ heading }) => headingLines(heading, spacing - 10));
  const headLines = Math.max(...heads.map(({ length }) => length));
  const top = headLines * 16 + 14;
  const hasInactive = kept.some((trial) => uprights.some(({ valueOf }) => valueOf(trial) === undefined));
  const bottom = top + axisHeight + (hasInactive ? inactiveRoom : 0);
  const lineOf = (trial: RankedTrial): readonly Point[] => uprights.map((upright) => crossing(upright, trial, top));
  const best = kept.find(({ rank }) => rank === 1)!;
  const opacity = kept.length > 120 ? 0.45 : 0.8;
  const key = legend([...rankItems(theme), lineItem("the best", theme.highlight, 3)], { x: 0, y: bottom + 16, width, theme });
  return {
    name,
    title,
    ...notes(
      hasInactive ? "A line runs below an axis where the trial did not have that hyper-parameter." : undefined,
      note,
      results.note,
    ),
    content: {
      kind: "picture",
      picture: {
        width,
        height: bottom + 16 + key.height + 6,
        title,
        description: `Axes from left to right: ${uprights.map(({ heading }) => heading).join(", ")}.`,
        content: [
          hasInactive && drawInactiveLane(uprights, top, theme),
          byRank(kept).map(([rank, some]) => lines(some.map(lineOf), { stroke: rankColour(theme, rank), width: 1.3, opacity })),
          line(lineOf(best), { stroke: theme.highlight, width: 3 }),
          uprights.map((upright, i) => drawUpright(upright, heads[i]!, top, headLines, theme)),
          lineHints(kept.map((trial) => ({ points: lineOf(trial), words: trialWords(trial) }))),
          key.content,
        ],
      },
    },
  };
}

function uprightsOf(
  study: ChartedStudy,
  parameters: readonly Parameter[],
  trials: readonly RankedTrial[],
  results: Scale,
): readonly Upright[] {
  const axes: readonly Pick<Upright, "heading" | "scale" | "cell" | "valueOf">[] = [
    ...parameters.map((parameter) => {
      const valueOf = ({ assignment }: RankedTrial): number | undefined =>
        Object.hasOwn(assignment, parameter.label) ? assignment[parameter.label] : undefined;
      const values = trials.flatMap((trial) => valueOf(trial) ?? []);
      const cell = hasFewValues(parameter) ? 1 / cellsOf(parameter) : 0;
      return { heading: parameter.label, scale: parameterScale(parameter, values), cell, valueOf };
    }),
    { heading: resultName(study), scale: results, cell: 0, valueOf: ({ value }) => value },
  ];
  // Headings stand around their axes: the outer ones need half of theirs beyond.
  const spacing = (width - 20) / axes.length;
  return axes.map(({ heading, scale, cell, valueOf }, i) => ({
    heading,
    scale,
    cell,
    valueOf,
    x: 10 + (i + 0.5) * spacing,
    ticks: scale.ticks(7),
  }));
}

/** Names are broken where their parts meet rather than anywhere. */
function headingLines(heading: string, room: number): readonly string[] {
  return wrap(heading.replaceAll(/([_.\-/])(?=\w)/g, "$1 "), room, headStyle, mostHeadLines).map((text) =>
    text.replaceAll(/([_.\-/]) /g, "$1"),
  );
}

function crossing({ x, scale, cell, valueOf }: Upright, trial: RankedTrial, top: number): Point {
  const value = valueOf(trial);
  const share = value === undefined ? Number.NaN : scale.place(value);
  if (Number.isNaN(share)) return [x, top + axisHeight + inactiveRoom - 8];
  // Trials with the same value part a little, so that one sees how many they are.
  const spread = spreadOf(trial.number) * Math.min(0.3 * cell * axisHeight, 40);
  return [x, top + (1 - share) * axisHeight + spread];
}

function drawUpright(
  { x, ticks, scale }: Upright,
  head: readonly string[],
  top: number,
  headLines: number,
  theme: Theme,
): SvgContent {
  const sharp = Math.round(x) + 0.5;
  const stride = scale.kind === "options" ? Math.max(1, Math.ceil((ticks.length * 18) / axisHeight)) : 1;
  const shown = ticks.filter((_, i) => i % stride === 0);
  const texts = fitApart(
    shown.map(({ text }) => text),
    shown.map(() => 92),
    tickStyle,
  );
  return [
    head.map((text, i) =>
      label(text, x, 12 + (headLines - head.length + i) * 16, { anchor: "middle", fill: theme.text, style: headStyle }),
    ),
    svg.line({ x1: sharp, y1: top, x2: sharp, y2: top + axisHeight, stroke: theme.axis, strokeWidth: 1.5 }),
    shown.map(({ at }, i) => {
      const y = top + (1 - at) * axisHeight;
      const words = texts[i]!;
      const textWidth = measure(words, tickStyle);
      return [
        svg.line({ x1: sharp - 4, y1: tenth(y), x2: sharp, y2: tenth(y), stroke: theme.axis }),
        svg.rect({ x: x + 3, y: y - 8, width: textWidth + 6, height: 16, rx: 3, fill: theme.page, fillOpacity: 0.82 }),
        label(words, x + 6, y + capHeight(tickStyle) / 2, { fill: theme.text, style: tickStyle }),
      ];
    }),
  ];
}

function drawInactiveLane(uprights: readonly Upright[], top: number, theme: Theme): SvgContent {
  const y = top + axisHeight + inactiveRoom - 17;
  return [
    svg.rect({ x: 0, y, width, height: 18, rx: 3, fill: theme.surface }),
    label("not active", Math.max(0, uprights[0]!.x - 6 - measure("not active", tickStyle)), y + 13, {
      fill: theme.mutedText,
      style: tickStyle,
    }),
  ];
}
