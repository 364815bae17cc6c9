import { grouped } from "@argmin/base";
import {
  fit,
  measure,
  middleBaseline,
  pathText,
  svg,
  type PathCommand,
  type Point,
  type SvgContent,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import type { Chart } from "../chart.ts";
import { linearScale } from "../scale/scale.ts";
import { numberWords } from "../scale/words.ts";
import {
  bestOf,
  rankedTrials,
  resultName,
  whyNoResult,
  type ChartedStudy,
  type ChartedTrial,
  type RankedTrial,
} from "./charted-study.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import { fateColour, fateOf, fates, fateWords, type Fate } from "./fate.ts";
import { frameIn, label, type Frame } from "./frame.ts";
import { groupBy } from "./group-by.ts";
import { hints, trialWords } from "./hint.ts";
import { dotItem, legend, lineItem } from "./legend.ts";
import { arrowheads, dots, line, ring, steps, strokes, tenth } from "./marks.ts";
import { reasonOf } from "./reason.ts";
import { resultScale } from "./result-scale.ts";
import { thinned } from "./thin.ts";

const width = 960;
const plotHeight = 380;
const laneHeight = 18;
const mostDots = 3000;
const name = "history";
const title = "Results, trial by trial";

/** The result of each trial by its number, the best so far as a line, and along the edge the trials that have no result. */
export function historyChart(study: ChartedStudy, { theme }: ChartOptions): Chart {
  const why = whyNoResult(study);
  if (why !== undefined) return nothing(name, title, why);
  const ranked = rankedTrials(study);
  const best = bestOf(ranked)!;
  const last = study.trials.reduce((most, { number }) => Math.max(most, number), 0);
  const {
    scale,
    isBeyond,
    note: beyondNote,
  } = resultScale(
    study,
    ranked.map(({ value }) => value),
  );
  const lanes = lanesOf(study);
  const x = { scale: linearScale(0, Math.max(1, last), { isWhole: true, margin: 0.01 }), name: "trial" };
  const right = lanes.reduce((widest, { words }) => Math.max(widest, measure(words, laneStyle) + 12), 16);
  const top = 6;
  const lanesRoom = lanes.length * laneHeight;
  const frame = frameIn(
    { x: 0, y: top, width: width - right, height: plotHeight },
    { theme, x, y: { scale, name: resultName(study) } },
  );
  const { kept, note: thinNote } = thinned(ranked, mostDots);
  const { area } = frame;
  const isUp = study.direction === "minimize";
  const edge = isUp ? area.y + 6 : area.y + area.height - 6;
  const marks = kept.map((trial) => {
    const isPinned = isBeyond(trial.value);
    const at: Point = isPinned ? [frame.x(trial.number), edge] : placeOf(frame, trial);
    return { isPinned, at, words: trialWords(trial) };
  });
  const lanesTop = top + plotHeight + 4;
  const key = legend(
    [
      dotItem("result of a trial", fateColour(theme, "complete"), 0.75),
      lineItem(`the best so far, in the end ${numberWords(best.value, 4)} of trial ${best.number}`, theme.highlight, 2.5),
    ],
    { x: area.x, y: lanesTop + lanesRoom + 6, width: area.width, theme },
  );
  return {
    name,
    title,
    ...notes(thinNote, beyondNote),
    content: {
      kind: "picture",
      picture: {
        width,
        height: lanesTop + lanesRoom + 6 + key.height + 8,
        title,
        description: `The best of ${grouped(ranked.length)} results is ${numberWords(best.value)}, of trial ${best.number}.`,
        content: [
          frame.background,
          dots(
            marks.filter(({ isPinned }) => !isPinned).map(({ at }) => at),
            {
              radius: ranked.length > 400 ? 1.8 : 3,
              fill: fateColour(theme, "complete"),
              opacity: ranked.length > 400 ? 0.4 : 0.75,
            },
          ),
          arrowheads(
            marks.filter(({ isPinned }) => isPinned).map(({ at }) => at),
            { isUp, fill: fateColour(theme, "complete") },
          ),
          line(bestLine(frame, ranked, last), { stroke: theme.highlight, width: 2.5 }),
          ring(placeOf(frame, best), theme, 6),
          hints(marks),
          lanes.map((lane, i) => drawLane(lane, frame, lanesTop + i * laneHeight, theme)),
          key.content,
        ],
      },
    },
  };
}

function placeOf(frame: Frame, { number, value }: RankedTrial): Point {
  return [frame.x(number), frame.y(value)];
}

/** The stepped line of the best result until each trial. */
function bestLine(frame: Frame, ranked: readonly RankedTrial[], last: number): readonly Point[] {
  const points: Point[] = [];
  let best: RankedTrial | undefined;
  for (const trial of ranked) {
    if (best !== undefined && trial.rank <= best.rank) continue;
    best = trial;
    points.push(placeOf(frame, trial));
  }
  return best === undefined ? [] : steps([...points, [frame.x(last), frame.y(best.value)]]);
}

/** The trials of one fate, along the edge. */
interface Lane {
  readonly fate: Fate;
  readonly words: string;
  readonly trials: readonly ChartedTrial[];
}

const laneStyle: TextStyle = { size: 11 };
function lanesOf({ trials }: ChartedStudy): readonly Lane[] {
  const byFate = groupBy(trials, fateOf);
  return fates.flatMap((fate) => {
    const own = byFate.get(fate) ?? [];
    return fate === "complete" || own.length === 0
      ? []
      : [{ fate, trials: own, words: `${grouped(own.length)} ${fateWords[fate]}` }];
  });
}

function drawLane({ fate, trials, words }: Lane, { area, x }: Frame, top: number, theme: Theme): SvgContent {
  const colour = fateColour(theme, fate);
  const isDense = trials.length > area.width / 4;
  const places = trials.map(({ number }) => x(number));
  return [
    svg.rect({ x: area.x, y: top + 2, width: area.width, height: laneHeight - 4, fill: theme.surface }),
    isDense
      ? drawCounts(places, area, top, colour)
      : strokes(places, { top: top + 3, bottom: top + laneHeight - 3, stroke: colour, width: 2 }),
    label(fit(words, 200, laneStyle), area.x + area.width + 8, middleBaseline(top + laneHeight / 2, laneStyle), {
      fill: theme.mutedText,
      style: laneStyle,
    }),
    !isDense && hints(trials.map((trial, i) => ({ at: [places[i]!, top + laneHeight / 2], words: endWords(trial, fate) }))),
  ];
}

function endWords(trial: ChartedTrial, fate: Fate): string {
  const reason = reasonOf(trial);
  return `trial ${trial.number}: ${fateWords[fate]}${reason === undefined ? "" : ` (${reason})`}`;
}

/** How many there are along a lane where they are too many to be told apart: a bar for every few pixels, the highest where most are. */
function drawCounts(xs: readonly number[], area: Frame["area"], top: number, stroke: string): SvgContent {
  const counts = new Float64Array(Math.ceil(area.width / countWidth) + 1);
  for (const x of xs) counts[Math.floor((x - area.x) / countWidth)]! += 1;
  const highest = counts.reduce((most, count) => Math.max(most, count), 1);
  const bottom = top + laneHeight - 2;
  const d = pathText(
    [...counts].flatMap((count, i): readonly PathCommand[] =>
      count === 0
        ? []
        : [
            ["M", area.x + (i + 0.5) * countWidth, bottom],
            ["V", tenth(bottom - (count / highest) * (laneHeight - 4))],
          ],
    ),
  );
  return svg.path({ d, fill: "none", stroke, strokeWidth: countWidth - 1 });
}

const countWidth = 6;
