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
import { grouped, numberWords } from "../scale/words.ts";
import { bestOf, rankedTrials, resultName, whyNoResult, type ChartedStudy, type RankedTrial } from "./charted-study.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import { fateColour, fateOf, fateWords, type Fate } from "./fate.ts";
import { frameIn, label, type Frame } from "./frame.ts";
import { groupBy } from "./group-by.ts";
import { dotItem, legend, lineItem } from "./legend.ts";
import { arrowheads, dots, line, ring, steps, strokes, tenth } from "./marks.ts";
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
  const isPinned = (trial: RankedTrial): boolean => isBeyond(trial.value);
  const pinned = kept.filter(isPinned);
  const { area } = frame;
  const lanesTop = top + plotHeight + 4;
  const key = legend(
    [
      dotItem("result of a trial", fateColour(theme, "complete"), 0.75),
      lineItem(`best so far: in the end ${numberWords(best.value, 4)} of trial ${best.number}`, theme.highlight, 2.5),
    ],
    { x: area.x, y: lanesTop + lanesRoom + 6, width: area.width, theme },
  );
  const isUp = study.direction === "minimize";
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
            kept.filter((trial) => !isPinned(trial)).map((trial) => placeOf(frame, trial)),
            {
              radius: ranked.length > 400 ? 1.8 : 3,
              fill: fateColour(theme, "complete"),
              opacity: ranked.length > 400 ? 0.4 : 0.75,
            },
          ),
          arrowheads(
            pinned.map(({ number }) => [frame.x(number), isUp ? area.y + 6 : area.y + area.height - 6] as const),
            { isUp, fill: fateColour(theme, "complete") },
          ),
          line(bestLine(frame, ranked, last), { stroke: theme.highlight, width: 2.5 }),
          ring(placeOf(frame, best), theme, 6),
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
  readonly numbers: readonly number[];
}

const laneStyle: TextStyle = { size: 11 };
const lanesShown: readonly Fate[] = ["pruned", "rejected", "failed", "no-number", "running", "waiting"];

function lanesOf({ trials }: ChartedStudy): readonly Lane[] {
  const byFate = groupBy(trials, fateOf);
  return lanesShown.flatMap((fate) => {
    const numbers = (byFate.get(fate) ?? []).map(({ number }) => number);
    return numbers.length === 0 ? [] : [{ fate, numbers, words: `${grouped(numbers.length)} ${fateWords[fate]}` }];
  });
}

function drawLane({ fate, numbers, words }: Lane, { area, x }: Frame, top: number, theme: Theme): SvgContent {
  const colour = fateColour(theme, fate);
  return [
    svg.rect({ x: area.x, y: top + 2, width: area.width, height: laneHeight - 4, fill: theme.surface }),
    numbers.length > area.width / 4
      ? drawCounts(numbers.map(x), area, top, colour)
      : strokes(numbers.map(x), { top: top + 3, bottom: top + laneHeight - 3, stroke: colour, width: 2 }),
    label(fit(words, 200, laneStyle), area.x + area.width + 8, middleBaseline(top + laneHeight / 2, laneStyle), {
      fill: theme.mutedText,
      style: laneStyle,
    }),
  ];
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
