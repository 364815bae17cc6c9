import {
  fit,
  measure,
  pathText,
  polygonPath,
  svg,
  type Point,
  type SvgContent,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import { valueText, type MarginalCurve, type Parameter, type Region } from "@argmin/search";
import { cellsOf, hasFewValues, parameterScale } from "../scale/parameter-scale.ts";
import type { RankedTrial } from "./charted-study.ts";
import { frameIn, label, type Box, type Frame } from "./frame.ts";
import { hints, trialWords } from "./hint.ts";
import { rankColour } from "./legend.ts";
import { arrowheads, dots, line, ring, spreadOf } from "./marks.ts";
import type { ResultScale } from "./result-scale.ts";

/** A small plot of the result along one parameter. */
export interface ParameterPanel {
  readonly parameter: Parameter;
  /** What stands beside its name: how often it was active, and its importance. */
  readonly facts: { readonly active: string; readonly share: string };
  /** Those to be drawn; a trial in which the parameter was not active is left out. */
  readonly trials: readonly RankedTrial[];
  readonly results: ResultScale;
  readonly curve?: MarginalCurve;
  readonly region?: Region;
}

export interface PanelOptions {
  readonly theme: Theme;
  readonly radius: number;
  /** Whether smaller results are better: far results lie beyond the upper edge then. */
  readonly isMinimized: boolean;
  /** See `headLinesOf`. */
  readonly headLines: 1 | 2;
  /** Whether each mark says what it is when it is pointed at. */
  readonly isHinted: boolean;
}

const nameStyle: TextStyle = { size: 12.5, weight: 600 };
const factStyle: TextStyle = { size: 11 };

/** The plot inside a box: name and facts, axes, trials by rank with the best on top, and what is expected along the parameter. */
export function drawPanel(panel: ParameterPanel, box: Box, options: PanelOptions): SvgContent {
  const { parameter, trials, results } = panel;
  const { theme, radius, isMinimized, headLines, isHinted } = options;
  const active = trials.filter(({ assignment }) => Object.hasOwn(assignment, parameter.label));
  const values = active.map(({ assignment }) => assignment[parameter.label]!);
  const headRoom = headLines * 15 + 1;
  const frame = frameIn(
    { ...box, y: box.y + headRoom, height: box.height - headRoom },
    { theme, x: { scale: parameterScale(parameter, values) }, y: { scale: results.scale } },
  );
  const spread = spreadAlong(parameter, frame.area.width, active.length);
  const pinnedY = isMinimized ? frame.area.y + 5 : frame.area.y + frame.area.height - 5;
  const placed = active.map((trial, i) => {
    const { rank, value } = trial;
    const x = frame.x(values[i]!) + spread(trial.number);
    const isBeyond = results.isBeyond(value);
    return { trial, rank, isBeyond, point: [x, isBeyond ? pinnedY : frame.y(value)] satisfies Point };
  });
  const best = placed.find(({ rank }) => rank === 1);
  return [
    drawHead(panel, box, options),
    drawRegion(panel, frame, theme),
    frame.background,
    byRank(placed.filter(({ isBeyond }) => !isBeyond)).map(([rank, some]) =>
      dots(
        some.map(({ point }) => point),
        { radius, fill: rankColour(theme, rank) },
      ),
    ),
    arrowheads(
      placed.filter(({ isBeyond }) => isBeyond).map(({ point }) => point),
      { isUp: isMinimized, fill: rankColour(theme, 0) },
    ),
    drawCurve(panel, frame, theme),
    best !== undefined && ring(best.point, theme, radius + 2.5),
    isHinted &&
      hints(
        placed.map(({ trial, point }, i) => ({
          at: point,
          words: trialWords(trial, `${parameter.label} = ${valueText(parameter, values[i]!)}`),
        })),
      ),
  ];
}

/** 1 where the names and facts of all plots have room beside each other, 2 where they need a line each. */
export function headLinesOf(panels: readonly Pick<ParameterPanel, "parameter" | "facts">[], width: number): 1 | 2 {
  const isRoom = panels.every(({ parameter, facts }) => {
    const beside = besideName(facts, 1);
    return beside === "" || measure(parameter.label, nameStyle) + 12 + measure(beside, factStyle) <= width;
  });
  return isRoom || panels.every(({ facts }) => facts.active === "") ? 1 : 2;
}

function besideName({ active, share }: ParameterPanel["facts"], headLines: 1 | 2): string {
  return [...(headLines === 1 ? [active] : []), share].filter((fact) => fact !== "").join(" · ");
}

function drawHead({ parameter, facts }: ParameterPanel, box: Box, { theme, headLines }: PanelOptions): SvgContent {
  const beside = besideName(facts, headLines);
  const room = box.width - (beside === "" ? 0 : measure(beside, factStyle) + 12);
  const muted = { fill: theme.mutedText, style: factStyle };
  return [
    label(fit(parameter.label, room, nameStyle), box.x, box.y + 13, { fill: theme.text, style: nameStyle }),
    label(beside, box.x + box.width, box.y + 13, { ...muted, anchor: "end" }),
    headLines === 2 && label(fit(facts.active, box.width, factStyle), box.x, box.y + 28, muted),
  ];
}

/** The trials in a few groups of like rank, the worst first, each with the rank that its colour shows. */
export function byRank<T extends Pick<RankedTrial, "rank">>(trials: readonly T[]): readonly (readonly [number, readonly T[]])[] {
  const groups = Array.from({ length: rankGroups }, (): T[] => []);
  for (const trial of trials) groups[Math.min(rankGroups - 1, Math.floor(trial.rank * rankGroups))]!.push(trial);
  return groups.flatMap((some, i) => (some.length === 0 ? [] : [[i / (rankGroups - 1), some] as const]));
}

const rankGroups = 9;

/** How many pixels a trial is moved along an axis of that length, so that those that share one of few values can be counted. */
export function spreadAlong(parameter: Parameter, length: number, trials: number): (number: number) => number {
  const most = hasFewValues(parameter) ? Math.min((0.62 * length) / cellsOf(parameter), 60) : 0;
  const room = most * Math.min(1, (trials - 1) / 20);
  return (number) => spreadOf(number) * room;
}

/** What is expected along the parameter, with one standard error to both sides: a line, or a bar for each option. */
function drawCurve({ curve, parameter }: ParameterPanel, frame: Frame, theme: Theme): SvgContent {
  if (curve === undefined || curve.points.length === 0) return undefined;
  const colour = theme.series[1]!;
  const { area } = frame;
  if (hasFewValues(parameter)) {
    const half = Math.min(0.38 * (area.width / cellsOf(parameter)), 36);
    return curve.points.map(({ value, mean, low, high }) => {
      const x = frame.x(value);
      const [top, bottom] = [frame.y(high), frame.y(low)];
      return [
        svg.rect({ x: x - half, y: top, width: 2 * half, height: Math.max(0, bottom - top), fill: colour, fillOpacity: 0.22 }),
        line(
          [
            [x - half, frame.y(mean)],
            [x + half, frame.y(mean)],
          ],
          { stroke: colour, width: 3 },
        ),
      ];
    });
  }
  const upper = curve.points.map(({ value, high }): Point => [frame.x(value), frame.y(high)]);
  const lower = curve.points.map(({ value, low }): Point => [frame.x(value), frame.y(low)]);
  return [
    svg.path({ d: pathText(polygonPath([...upper, ...lower.toReversed()])), fill: colour, fillOpacity: 0.22 }),
    line(
      curve.points.map(({ value, mean }): Point => [frame.x(value), frame.y(mean)]),
      { stroke: colour, width: 3 },
    ),
  ];
}

/** Where more of the best lie than elsewhere: a shade behind everything. */
function drawRegion({ region, parameter }: ParameterPanel, { area, x }: Frame, theme: Theme): SvgContent {
  if (region === undefined || region.kind === "none") return undefined;
  const shade = (from: number, to: number): SvgContent =>
    svg.rect({ x: from, y: area.y, width: Math.max(1, to - from), height: area.height, fill: theme.highlight, fillOpacity: 0.1 });
  if (region.kind === "interval") {
    const half = hasFewValues(parameter) ? area.width / cellsOf(parameter) / 2 : 0;
    return shade(Math.max(area.x, x(region.from) - half), Math.min(area.x + area.width, x(region.to) + half));
  }
  const cell = area.width / cellsOf(parameter);
  return region.options.map((option) => {
    const { domain } = parameter;
    const middle = x(domain.kind === "lattice" ? domain.first + option * domain.step : option);
    return shade(middle - cell / 2, middle + cell / 2);
  });
}
