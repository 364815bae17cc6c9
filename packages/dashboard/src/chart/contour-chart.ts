import {
  fit,
  measure,
  pathText,
  sequential,
  svg,
  type PathCommand,
  type Point,
  type SvgContent,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import { percentText, type PairSurface, type SurfaceAxis } from "@argmin/search";
import type { Chart } from "../chart.ts";
import { linearScale, optionScale, type Scale } from "../scale/scale.ts";
import { least, most, parameterScale } from "../scale/parameter-scale.ts";
import { numberWords } from "../scale/words.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import { rankedTrials, resultName, whyNoResult, type ChartedStudy, type RankedTrial } from "./charted-study.ts";
import { frameIn, label, nameStyle, type Box, type Frame } from "./frame.ts";
import { dotItem, legend, ringItem, type LegendItem } from "./legend.ts";
import { dots, ring, tenth } from "./marks.ts";
import { thinned } from "./thin.ts";

const name = "contours";
const title = "Pairs of hyper-parameters";
const width = 960;
const gap = 34;
const panelHeight = 300;
const mostDots = 400;
const levels = 9;
const headStyle: TextStyle = { size: 12.5, weight: 600 };

/** What is expected over the pairs of hyper-parameters that interact most, as colours between contour lines. */
export function contourChart(study: ChartedStudy, { theme }: ChartOptions): Chart {
  const { surfaces } = study.analysis;
  const why = whyNoResult(study);
  if (why !== undefined) return nothing(name, title, why);
  if (surfaces.length === 0) {
    return nothing(
      name,
      title,
      "There are too few different results, or too few hyper-parameters that matter, to compare pairs.",
    );
  }
  const ranked = rankedTrials(study);
  const { kept, note } = thinned(ranked, mostDots);
  const panelWidth = Math.min(440, (width - gap * (surfaces.length - 1)) / surfaces.length);
  const means = surfaces.flatMap((surface) => surface.means.flat());
  const range: Range = [least(means), most(means)];
  const key = legend([colourItem(study, range, theme), dotItem("a trial", theme.page), ringItem("the best", theme)], {
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
      "Colours show what a model of all trials expects, averaged over all other hyper-parameters. The percentage is what the two explain together beyond each alone.",
      note,
    ),
    content: {
      kind: "picture",
      picture: {
        width,
        height: top + panelHeight + 8,
        title,
        description: `Expected results over ${surfaces.map(({ labels }) => labels.join(" and ")).join("; ")}.`,
        content: [
          label(`Colour: ${resultName(study)}`, 0, 14, { fill: theme.text, style: nameStyle }),
          key.content,
          surfaces.map((surface, i) =>
            drawSurface(
              surface,
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

type Range = readonly [low: number, high: number];

function drawSurface(
  surface: PairSurface,
  box: Box,
  study: ChartedStudy,
  trials: readonly RankedTrial[],
  range: Range,
  theme: Theme,
): SvgContent {
  const [first, second] = surface.labels;
  const facts = percentText(Math.max(0, surface.interaction));
  const [x, y] = surface.axes.map((axis, i) => axisScale(study, axis, trials, surface.labels[i]!));
  const frame = frameIn(
    { ...box, y: box.y + 18, height: box.height - 18 },
    { theme, x: { scale: x!, name: first }, y: { scale: y!, name: second } },
  );
  const both = trials.flatMap((trial) => {
    const { assignment } = trial;
    const isActive = Object.hasOwn(assignment, first) && Object.hasOwn(assignment, second);
    return isActive ? [{ trial, point: [frame.x(assignment[first]!), frame.y(assignment[second]!)] satisfies Point }] : [];
  });
  const best = both.find(({ trial }) => trial.rank === 1);
  const heading = `${first} and ${second}`;
  return [
    label(fit(heading, box.width - measure(facts, nameStyle) - 10, headStyle), box.x, box.y + 12, {
      fill: theme.text,
      style: headStyle,
    }),
    label(facts, box.x + box.width, box.y + 12, { anchor: "end", fill: theme.mutedText }),
    frame.background,
    drawCells(surface, frame, study, range, theme),
    // A rim of the text's colour keeps the dots visible on any colour.
    dots(
      both.map(({ point }) => point),
      { radius: 2.8, fill: theme.text, opacity: 0.75 },
    ),
    dots(
      both.map(({ point }) => point),
      { radius: 1.9, fill: theme.page },
    ),
    best !== undefined && ring(best.point, theme, 6),
  ];
}

/** The parameter's own scale; cells fill it as they lie on it. */
function axisScale(study: ChartedStudy, axis: SurfaceAxis, trials: readonly RankedTrial[], parameter: string): Scale {
  const found = study.space.parameter(parameter);
  if (found === undefined)
    return axis.kind === "unordered" ? optionScale(axis.values.map(String)) : linearScale(least(axis.values), most(axis.values));
  return parameterScale(
    found,
    trials.flatMap(({ assignment }) => (Object.hasOwn(assignment, parameter) ? [assignment[parameter]!] : [])),
  );
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
