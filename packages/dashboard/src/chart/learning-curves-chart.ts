import { counted, grouped } from "@argmin/base";
import { type Point, type SvgContent, type Theme } from "@argmin/pictures";
import type { Chart } from "../chart.ts";
import { least, most } from "../scale/parameter-scale.ts";
import { linearScale } from "../scale/scale.ts";
import { nameWords, numberWords } from "../scale/words.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import { bestOf, rankedTrials, type ChartedStudy, type ChartedTrial } from "./charted-study.ts";
import { fateColour } from "./fate.ts";
import { frameIn, type Frame } from "./frame.ts";
import { lineHints } from "./hint.ts";
import { dotItem, legend, lineItem, rankColour, rankItems, type LegendItem } from "./legend.ts";
import { dots, line, lines } from "./marks.ts";
import { byRank } from "./parameter-panel.ts";
import { scaleOf } from "./result-scale.ts";
import { thinned } from "./thin.ts";

const name = "learning-curves";
const title = "Learning curves";
const width = 960;
const plotHeight = 400;
const mostCurves = 300;
const mostPoints = 120;

/** What one trial reported of the metric, by step; a trial with several parts has a curve for each. */
interface Curve {
  readonly number: number;
  readonly phase: string;
  readonly state: ChartedTrial["state"];
  /** As good as it went in the end; what is drawn of many. */
  readonly rank: number;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** The reported metric of all trials, step by step: the best trial's stands out, those of pruned trials end in a dot. */
export function learningCurvesChart(study: ChartedStudy, { theme }: ChartOptions): Chart {
  const metric = study.metric ?? commonestMetric(study);
  const curves = metric === undefined ? [] : curvesOf(study, metric);
  const finite = curves.flatMap(({ values }) => values.filter((value) => Number.isFinite(value)));
  if (metric === undefined || finite.length === 0) return nothing(name, title, whyNothing(study, metric));
  const near = withoutFarOut(finite);
  const best = bestOf(rankedTrials(study));
  const { kept, note } = thinned(curves, mostCurves, "curves");
  const { step = "step" } = study;
  const steps = curves.flatMap((curve) => [curve.steps[0]!, curve.steps.at(-1)!]);
  const frame = frameIn(
    { x: 0, y: 6, width: width - 16, height: plotHeight },
    {
      theme,
      x: { scale: linearScale(least(steps), most(steps), { isWhole: true, margin: 0.015 }), name: step },
      y: { scale: scaleOf(near), name: nameWords(metric) },
    },
  );
  const present = new Set(kept.map(({ state }) => state));
  const bestCurves = curves.filter(({ number }) => number === best?.number);
  const key = legend(
    [
      ...keyOf(present, theme),
      ...(bestCurves.length === 0 ? [] : [lineItem(`the best trial, ${best!.number}`, theme.highlight, 3)]),
    ],
    { x: frame.area.x, y: plotHeight + 14, width: frame.area.width, theme },
  );
  const without = study.trials.length - new Set(curves.map(({ number }) => number)).size;
  return {
    name,
    title,
    ...notes(
      note,
      near.length < finite.length ? "Values far out run along the edge." : undefined,
      without > 0
        ? `${grouped(without)} of ${counted(study.trials.length, "trial")} reported no ${nameWords(metric)}.`
        : undefined,
    ),
    content: {
      kind: "picture",
      picture: {
        width,
        height: plotHeight + 14 + key.height + 6,
        title,
        description: `${nameWords(metric)} of ${counted(curves.length, "curve")} by ${step}.`,
        content: [
          frame.background,
          (["complete", "running", "failed", "paused", "pruned"] as const).map((state) =>
            drawCurves(
              kept.filter((curve) => curve.state === state && curve.number !== best?.number),
              state,
              frame,
              theme,
              kept.length > 60 ? 0.5 : 0.8,
            ),
          ),
          bestCurves.map((curve) => line(pointsOf(curve, frame), { stroke: theme.highlight, width: 3 })),
          dots(
            bestCurves.filter(({ steps }) => steps.length === 1).map((curve) => pointsOf(curve, frame)[0]!),
            { radius: 4, fill: theme.highlight },
          ),
          lineHints(kept.map((curve) => ({ points: pointsOf(curve, frame), words: curveWords(curve, step) }))),
          key.content,
        ],
      },
    },
  };
}

/** Complete trials by rank; those that were ended in the colour of what became of them, with a dot at the end. */
function drawCurves(curves: readonly Curve[], state: Curve["state"], frame: Frame, theme: Theme, opacity: number): SvgContent {
  const paths = (some: readonly Curve[]): readonly (readonly Point[])[] => some.map((curve) => pointsOf(curve, frame));
  if (state === "complete") {
    return byRank(curves).map(([rank, some]) => {
      const [stroke, all] = [rankColour(theme, rank), paths(some)];
      // A curve of one point is no line.
      const single = all.filter(({ length }) => length === 1).flat();
      return [lines(all, { stroke, width: 1.3, opacity }), dots(single, { radius: 2.6, fill: stroke })];
    });
  }
  const [stroke, all] = [fateColour(theme, state), paths(curves)];
  const ends = all.flatMap((points): readonly Point[] => {
    const last = points.findLast(([, y]) => Number.isFinite(y));
    return last === undefined ? [] : [last];
  });
  return [lines(all, { stroke, width: 1.3, opacity: Math.min(1, opacity + 0.2) }), dots(ends, { radius: 3, fill: stroke })];
}

function keyOf(states: ReadonlySet<Curve["state"]>, theme: Theme): readonly LegendItem[] {
  return [
    ...(states.has("complete") ? rankItems(theme) : []),
    ...(["pruned", "paused", "failed", "running"] as const)
      .filter((state) => states.has(state))
      .map((state) => dotItem(endWords[state], fateColour(theme, state))),
  ];
}

const endWords = {
  pruned: "where a trial was pruned",
  paused: "where a trial is paused",
  failed: "where a trial failed",
  running: "where a trial is now",
} as const;

/** "trial 12: 0.41 at epoch 10", and of one that did not end by itself how it ended. */
function curveWords({ number, phase, state, steps, values }: Curve, step: string): string {
  const part = phase === "" ? "" : `, ${phase}`;
  const last = `${numberWords(values.at(-1)!, 4)} at ${step} ${steps.at(-1)}`;
  return `trial ${number}${part}: ${last}${state === "complete" ? "" : `, ${state}`}`;
}

/** At most `mostPoints` of a curve's points, the last among them. */
function pointsOf({ steps, values }: Curve, frame: Frame): readonly Point[] {
  const stride = Math.ceil(steps.length / mostPoints);
  return steps.flatMap((step, i): readonly Point[] => {
    if (i % stride !== 0 && i !== steps.length - 1) return [];
    const value = values[i]!;
    return [[frame.x(step), Number.isFinite(value) ? frame.y(value) : Number.NaN]];
  });
}

function curvesOf(study: ChartedStudy, metric: string): readonly Curve[] {
  const ranks = new Map(rankedTrials(study).map(({ number, rank }) => [number, rank]));
  const states = new Map(study.trials.map(({ number, state }) => [number, state]));
  const curves: (Curve & { readonly steps: number[]; readonly values: number[] })[] = [];
  for (const { number, phase, step, metrics } of study.reports) {
    const value = metrics[metric];
    const state = states.get(number);
    if (value === undefined || state === undefined) continue;
    let curve = curves.at(-1);
    // Reports come sorted: those of a curve stand together.
    if (curve?.number !== number || curve.phase !== phase) {
      curve = { number, phase, state, rank: ranks.get(number) ?? 0, steps: [], values: [] };
      curves.push(curve);
    }
    curve.steps.push(step);
    curve.values.push(value);
  }
  return curves;
}

/** The metric that was reported most often; of equals the one whose name comes first. */
function commonestMetric({ reports }: ChartedStudy): string | undefined {
  const counts = new Map<string, number>();
  for (const { metrics } of reports) for (const metric of Object.keys(metrics)) counts.set(metric, (counts.get(metric) ?? 0) + 1);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

/** Values beyond three interquartile ranges of the middle half would press all curves to a line. */
function withoutFarOut(values: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(values).sort();
  const [lower, upper] = [sorted[Math.floor(sorted.length / 4)]!, sorted[Math.ceil((sorted.length * 3) / 4) - 1]!];
  const reach = 3 * (upper - lower);
  const near = values.filter((value) => value >= lower - reach && value <= upper + reach);
  return reach > 0 && near.length > 0 ? near : values;
}

function whyNothing({ trials, reports }: ChartedStudy, metric: string | undefined): string {
  if (trials.length === 0) return "This study has no trials yet.";
  if (reports.length === 0) return "No trial has reported anything while it ran.";
  return metric === undefined
    ? "The trials' reports hold no metric."
    : `No trial has reported a finite value of ${metric} while it ran.`;
}
