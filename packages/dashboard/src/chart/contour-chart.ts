import {
  fit,
  measure,
  pathText,
  sequential,
  svg,
  type PathCommand,
  type Point,
  type SvgContent,
  type Theme,
} from "@argmin/pictures";
import { valueText, type PairSurface, type Parameter, type SurfaceAxis } from "@argmin/search";
import type { Chart } from "../chart.ts";
import { least, most, parameterScale } from "../scale/parameter-scale.ts";
import { numberWords, shareText } from "../scale/words.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import { rankedTrials, resultName, whyNoResult, type ChartedStudy, type RankedTrial } from "./charted-study.ts";
import { frameIn, label, nameStyle, tickStyle, type Box, type Frame } from "./frame.ts";
import { hints, trialWords } from "./hint.ts";
import { legend, ringItem, type LegendItem } from "./legend.ts";
import { overhang } from "./panel-grid.ts";
import { spreadAlong } from "./parameter-panel.ts";
import { dots, ring, tenth } from "./marks.ts";
import { thinned } from "./thin.ts";

const name = "contours";
const title = "Pairs of hyper-parameters";
const width = 960;
const gap = 34;
const panelHeight = 300;
const mostDots = 400;
const levels = 9;

/** What is expected over the pairs of hyper-parameters that interact most, in bands of colour. */
export function contourChart(study: ChartedStudy, { theme }: ChartOptions): Chart {
  const pairs = pairsOf(study);
  const why = whyNoResult(study);
  if (why !== undefined) return nothing(name, title, why);
  if (pairs.length === 0) {
    return nothing(
      name,
      title,
      "There are too few different results, or too few hyper-parameters that matter, to compare pairs.",
    );
  }
  const ranked = rankedTrials(study);
  const { kept, note } = thinned(ranked, mostDots);
  const panelWidth = Math.min(440, (width - overhang - gap * (pairs.length - 1)) / pairs.length);
  const means = pairs.flatMap(({ surface }) => surface.means.flat());
  const range: Range = [least(means), most(means)];
  const key = legend([colourItem(study, range, theme), trialItem(theme), ringItem("the best", theme)], {
    x: 0,
    y: 24,
    width,
    theme,
  });
  const top = 24 + key.height + 14;
  return {
    name,
    title,
    ...notes(
      "Colours show what a model of all trials expects, averaged over all other hyper-parameters. The percentage is the share of the variance that the two explain together beyond each alone.",
      note,
    ),
    content: {
      kind: "picture",
      picture: {
        width,
        height: top + panelHeight + 8,
        title,
        description: `Expected results over ${pairs.map(({ surface }) => surface.labels.join(" and ")).join("; ")}.`,
        content: [
          label(fit(`Colour: ${resultName(study)}`, width, nameStyle), 0, 14, { fill: theme.text, style: nameStyle }),
          key.content,
          pairs.map((pair, i) =>
            drawSurface(
              pair,
              { x: i * (panelWidth + gap), y: top, width: panelWidth, height: panelHeight },
              study,
              kept,
              range,
              theme,
            ),
          ),
        ],
      },
    },
  };
}

/** A surface and the parameters that it lies over. */
interface Pair {
  readonly surface: PairSurface;
  readonly parameters: readonly [Parameter, Parameter];
}

function pairsOf({ analysis, space }: ChartedStudy): readonly Pair[] {
  return analysis.surfaces.flatMap((surface) => {
    const [first, second] = surface.labels.map((label) => space.parameter(label));
    return first === undefined || second === undefined ? [] : [{ surface, parameters: [first, second] as const }];
  });
}

type Range = readonly [low: number, high: number];

function drawSurface(
  { surface, parameters }: Pair,
  box: Box,
  study: ChartedStudy,
  trials: readonly RankedTrial[],
  range: Range,
  theme: Theme,
): SvgContent {
  const both = trials.filter(({ assignment }) => parameters.every(({ label }) => Object.hasOwn(assignment, label)));
  const [x, y] = parameters.map((parameter) => ({
    scale: parameterScale(
      parameter,
      both.map(({ assignment }) => assignment[parameter.label]!),
    ),
    name: parameter.label,
  }));
  const facts = `together ${shareText(surface.interaction)}`;
  const upName = fit(parameters[1].label, box.width - measure(facts, tickStyle) - 12, nameStyle);
  const frame = frameIn(box, { theme, x: x!, y: { ...y!, name: upName } });
  const [across, up] = [
    spreadAlong(parameters[0], frame.area.width, both.length),
    spreadAlong(parameters[1], frame.area.height, both.length),
  ];
  // Two spreads that went together would be a slanted line where both have few values.
  const points = both.map(({ number, assignment }): Point => {
    const [first, second] = parameters.map(({ label }) => assignment[label]!);
    return [frame.x(first!) + across(number), frame.y(second!) + up(number * 7)];
  });
  const best = both.findIndex(({ rank }) => rank === 1);
  return [
    label(facts, box.x + box.width, box.y + 12, {
      anchor: "end",
      fill: theme.mutedText,
    }),
    frame.background,
    drawCells(surface, frame, study, range, theme),
    // A rim of the text's colour keeps the dots visible on any colour.
    dots(points, { radius: 2.8, fill: theme.text, opacity: 0.75 }),
    dots(points, { radius: 1.9, fill: theme.page }),
    best >= 0 && ring(points[best]!, theme, 6),
    hints(both.map((trial, i) => ({ at: points[i]!, words: trialWords(trial, ...valuesOf(trial, parameters)) }))),
  ];
}

function valuesOf({ assignment }: RankedTrial, parameters: Pair["parameters"]): readonly string[] {
  return parameters.map((parameter) => `${parameter.label} = ${valueText(parameter, assignment[parameter.label]!)}`);
}

/** The cells, those of like colour as one path: runs of them along the vertical axis are one rectangle. */
function drawCells({ axes, means }: PairSurface, frame: Frame, study: ChartedStudy, range: Range, theme: Theme): SvgContent {
  const columns = edgesOf(axes[0], frame.x, frame.area.x, frame.area.x + frame.area.width);
  const rows = edgesOf(axes[1], frame.y, frame.area.y + frame.area.height, frame.area.y);
  const byLevel = Array.from({ length: levels }, (): PathCommand[] => []);
  means.forEach((column, i) => {
    for (let from = 0; from < column.length;) {
      const level = levelOf(column[from]!, range);
      let to = from + 1;
      while (to < column.length && levelOf(column[to]!, range) === level) to += 1;
      const [left, right, bottom, top] = [columns[i]!, columns[i + 1]!, rows[from]!, rows[to]!].map(tenth);
      byLevel[level]!.push(["M", left!, bottom!], ["H", right!], ["V", top!], ["H", left!], ["Z"]);
      from = to;
    }
  });
  return svg.g(
    { shapeRendering: "crispEdges" },
    byLevel.map((commands, level) =>
      commands.length === 0 ? undefined : svg.path({ d: pathText(commands), fill: levelColour(level, study, theme) }),
    ),
  );
}

/** The borders of the cells around an axis's values in pixels: half-way between neighbours. */
function edgesOf({ values }: SurfaceAxis, place: (value: number) => number, start: number, end: number): readonly number[] {
  const middles = values.map(place);
  return [start, ...middles.slice(1).map((middle, i) => (middle + middles[i]!) / 2), end];
}

function levelOf(value: number, [low, high]: Range): number {
  if (!(high > low)) return Math.floor(levels / 2);
  return Math.min(levels - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * levels)));
}

/** The better, the further along the scale, as with ranks. */
function levelColour(level: number, { direction }: ChartedStudy, theme: Theme): string {
  const share = level / (levels - 1);
  return sequential(theme, direction === "minimize" ? 1 - share : share);
}

function trialItem(theme: Theme): LegendItem {
  return {
    words: "a trial",
    markWidth: 8,
    mark: (x, middle) => svg.circle({ cx: x + 4, cy: middle, r: 3, fill: theme.page, stroke: theme.text }),
  };
}

function colourItem(study: ChartedStudy, [low, high]: Range, theme: Theme): LegendItem {
  const size = 22;
  return {
    words: `from ${numberWords(low)} to ${numberWords(high)}`,
    markWidth: levels * size,
    mark: (x, middle) =>
      Array.from({ length: levels }, (_, level) =>
        svg.rect({ x: x + level * size, y: middle - 6, width: size, height: 12, fill: levelColour(level, study, theme) }),
      ),
  };
}
