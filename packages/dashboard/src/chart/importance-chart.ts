import { counted } from "@argmin/base";
import { fit, measure, middleBaseline, svg, widest, type SvgContent, type TextStyle, type Theme } from "@argmin/pictures";
import { type Importances, type ParameterImportance } from "@argmin/search";
import type { Chart } from "../chart.ts";
import { numberWords, shareText } from "../scale/words.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import { labelsByImportance, whyNoResult, type ChartedStudy } from "./charted-study.ts";
import { label, paragraph } from "./frame.ts";

const width = 960;
const rowHeight = 24;
const headRoom = 44;
const mostRows = 40;
const name = "importance";
const title = "What matters";
const rowStyle: TextStyle = { size: 12 };
const figureStyle: TextStyle = { size: 11 };
const headStyle: TextStyle = { size: 12.5, weight: 600 };

/** How much every hyper-parameter matters by three measures, each with its standard error, and how far that can be trusted. */
export function importanceChart(study: ChartedStudy, { theme }: ChartOptions): Chart {
  const { analysis, space } = study;
  const why = whyNoResult(study) ?? (space.parameters.length === 0 ? "This study has no parameters yet." : undefined);
  if (why !== undefined) return nothing(name, title, why);
  const labels = labelsByImportance(study);
  const shown = labels.slice(0, mostRows);
  const left = Math.min(240, widest(shown, rowStyle) + 16);
  const warning = warningBox(analysis.confidence.reason, theme);
  const columns = columnsOf(study);
  const gap = 28;
  const columnWidth = (width - left - gap * columns.length) / columns.length;
  const top = warning.height + headRoom;
  return {
    name,
    title,
    ...notes(
      "Whiskers reach one standard error to both sides.",
      labels.length > shown.length
        ? `The ${counted(labels.length - shown.length, "least important parameter", "least important parameters")} of ${labels.length} ${labels.length - shown.length === 1 ? "is" : "are"} left out.`
        : undefined,
    ),
    content: {
      kind: "picture",
      picture: {
        width,
        height: top + shown.length * rowHeight + 10,
        title,
        description: analysis.confidence.reason ?? `The most important parameter is ${shown[0]!}.`,
        content: [
          warning.content,
          shown.map((text, i) => [
            i % 2 === 0 && svg.rect({ x: 0, y: top + i * rowHeight, width, height: rowHeight, fill: theme.surface }),
            label(fit(text, left - 16, rowStyle), left - 8, middleBaseline(top + (i + 0.5) * rowHeight, rowStyle), {
              anchor: "end",
              fill: theme.text,
              style: rowStyle,
            }),
          ]),
          columns.map((column, i) =>
            drawColumn(column, shown, { x: left + i * (columnWidth + gap), top, width: columnWidth }, theme.series[i]!, theme),
          ),
        ],
      },
    },
  };
}

/** One measure of importance. */
interface Column {
  readonly head: string;
  readonly explanation: string;
  /** By label. */
  readonly figures: ReadonlyMap<string, ParameterImportance>;
  readonly text: (importance: number) => string;
}

function columnsOf({ analysis }: ChartedStudy): readonly Column[] {
  const byLabel = ({ parameters }: Importances): Column["figures"] => new Map(parameters.map((figure) => [figure.label, figure]));
  const explains = {
    head: "Share of the variance (fANOVA)",
    explanation: "what a model owes to it alone",
    text: shareText,
  };
  return [
    ...(analysis.fanova === null ? [] : [{ ...explains, figures: byLabel(analysis.fanova.importances) }]),
    {
      head: "Among the best (PED-ANOVA)",
      explanation: "how the best tenth differs from all",
      figures: byLabel(analysis.pedAnova),
      text: (importance) => numberWords(importance, 2),
    },
    {
      head: "Trend (rank correlation)",
      explanation: "how far results follow it, squared",
      figures: byLabel(analysis.correlations),
      text: shareText,
    },
  ];
}

function drawColumn(
  { head, explanation, figures, text }: Column,
  labels: readonly string[],
  { x, top, width }: { readonly x: number; readonly top: number; readonly width: number },
  colour: string,
  theme: Theme,
): SvgContent {
  const figureRoom = 56;
  const longest = labels.reduce((most, parameter) => {
    const figure = figures.get(parameter);
    return figure === undefined ? most : Math.max(most, figure.importance + (figure.standardError ?? 0));
  }, 0);
  const length = (figure: number): number => (longest === 0 ? 0 : ((width - figureRoom) * Math.max(0, figure)) / longest);
  const bars = labels.map((parameter, i): SvgContent => {
    const middle = top + (i + 0.5) * rowHeight;
    const figure = figures.get(parameter);
    if (figure === undefined) return undefined;
    const { importance, standardError } = figure;
    const end = length(importance);
    const [from, to] = [length(importance - (standardError ?? 0)), length(importance + (standardError ?? 0))];
    return [
      end > 0 && svg.rect({ x, y: middle - 6, width: Math.max(1, end), height: 12, rx: 2, fill: colour, fillOpacity: 0.8 }),
      to - from > 1 && whisker(x + from, x + to, middle, theme),
      label(text(importance), x + Math.max(end, to) + 7, middleBaseline(middle, figureStyle), {
        fill: theme.mutedText,
        style: figureStyle,
      }),
    ];
  });
  const bottom = top + labels.length * rowHeight;
  return [
    label(fit(head, width, headStyle), x, top - 27, { fill: theme.text, style: headStyle }),
    label(fit(explanation, width, figureStyle), x, top - 11, { fill: theme.mutedText, style: figureStyle }),
    svg.line({ x1: x, y1: top, x2: x, y2: bottom, stroke: theme.axis }),
    bars,
  ];
}

function whisker(from: number, to: number, middle: number, theme: Theme): SvgContent {
  const paint = { stroke: theme.text, strokeWidth: 1 } as const;
  return [
    svg.line({ x1: from, y1: middle, x2: to, y2: middle, ...paint }),
    svg.line({ x1: from, y1: middle - 3, x2: from, y2: middle + 3, ...paint }),
    svg.line({ x1: to, y1: middle - 3, x2: to, y2: middle + 3, ...paint }),
  ];
}

const warningStyle: TextStyle = { size: 12.5 };

/** What keeps the figures from being trusted, where something does. */
function warningBox(reason: string | null, theme: Theme): { readonly content: SvgContent; readonly height: number } {
  if (reason === null) return { content: undefined, height: 0 };
  const signRoom = measure("⚠", { size: 16 }) + 26;
  const text = paragraph(
    reason,
    { x: signRoom, y: 24, width: width - signRoom - 14 },
    { fill: theme.text, style: warningStyle, lineHeight: 19 },
  );
  const height = text.lines * 19 + 18;
  return {
    content: [
      svg.rect({ x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 6, fill: theme.tints[1], stroke: theme.series[1] }),
      label("⚠", 14, 25, { fill: theme.text, style: { size: 16 } }),
      text.content,
    ],
    height: height + 12,
  };
}
