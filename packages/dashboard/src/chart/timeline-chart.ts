import { counted, grouped } from "@argmin/base";
import {
  fit,
  middleBaseline,
  pathText,
  svg,
  widest,
  type PathCommand,
  type Point,
  type SvgContent,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import type { Chart } from "../chart.ts";
import { durationScale, logDurationScale, type Scale } from "../scale/scale.ts";
import { least, most } from "../scale/parameter-scale.ts";
import { durationWords } from "../scale/words.ts";
import { notes, nothing, type ChartOptions } from "./chart-parts.ts";
import type { ChartedStudy, ChartedTrial } from "./charted-study.ts";
import { fateColour, fateOf, fates, fateWords, type Fate } from "./fate.ts";
import { frameIn, label, type Frame } from "./frame.ts";
import { groupBy } from "./group-by.ts";
import { hints } from "./hint.ts";
import { legend, squareItem } from "./legend.ts";
import { dots, tenth } from "./marks.ts";

const name = "timeline";
const title = "When each trial ran";
const width = 960;
const durationHeight = 190;
const mostLanes = 40;
/** Of more trials those that fall on one place are drawn once, and none says which it is. */
const mostTold = 1000;
const rowStyle: TextStyle = { size: 11.5 };

/** When a trial ran. Times are milliseconds since the first began. */
interface Run {
  readonly number: number;
  readonly fate: Fate;
  readonly worker: string;
  readonly from: number;
  /** Of a trial that still runs the latest time known. */
  readonly to: number;
}

/** Runs beside each other on one worker: one row. */
interface Lane {
  readonly name: string;
  readonly runs: readonly Run[];
}

/** Each trial as a bar on the row of its worker, from its start to its end, coloured by what became of it; below it how long trials took. */
export function timelineChart(study: ChartedStudy, { theme }: ChartOptions): Chart {
  const { trials } = study;
  const runs = runsOf(trials);
  if (runs.length === 0) {
    const why = trials.length === 0 ? "This study has no trials yet." : "No trial has been started yet.";
    return nothing(name, title, why);
  }
  const end = most(runs.map(({ to }) => to));
  const lanes = lanesOf(runs);
  const shown = lanes.slice(0, mostLanes);
  const laneHeight = shown.length <= 8 ? 26 : shown.length <= 20 ? 18 : 12;
  const x = { scale: durationScale(0, Math.max(1, end)), name: "time since the first trial began" };
  const left = Math.min(
    190,
    widest(
      shown.map((lane) => lane.name),
      rowStyle,
    ) + 12,
  );
  const lanesTop = 24;
  const lanesBottom = lanesTop + shown.length * laneHeight;
  const finished = runs.filter(({ fate }) => fate !== "running");
  const box = { x: 0, y: lanesBottom + 12, width: width - 16, height: durationHeight };
  const frame = frameIn(box, {
    theme,
    x,
    y: { scale: spanScale(finished.filter(({ fate }) => fate !== "rejected")), name: "duration of a trial" },
    left: Math.max(left, 62),
  });
  const present = fates.filter((fate) => runs.some((run) => run.fate === fate));
  const key = legend(
    present.map((fate) =>
      squareItem(`${grouped(runs.filter((run) => run.fate === fate).length)} ${fateWords[fate]}`, fateColour(theme, fate)),
    ),
    { x: frame.area.x, y: box.y + durationHeight + 8, width: frame.area.width, theme },
  );
  return {
    name,
    title,
    ...notes(
      spanSentence(runs, end),
      shown.some((lane) => isDense(lane.runs, frame))
        ? "Where trials are too short to be told apart, the rarest outcome is drawn."
        : undefined,
      lanes.length > shown.length ? `Of ${counted(lanes.length, "row")} of workers ${shown.length} are drawn.` : undefined,
    ),
    content: {
      kind: "picture",
      picture: {
        width,
        height: box.y + durationHeight + 8 + key.height + 6,
        title,
        description: `${counted(runs.length, "trial")} on ${counted(new Set(runs.map(({ worker }) => worker)).size, "worker")} in ${durationWords(end)}.`,
        content: [
          label("worker", 0, 14, { fill: theme.text, style: { size: 12 } }),
          shown.map((lane, i) =>
            drawLane(
              lane,
              { frame, top: lanesTop + i * laneHeight, height: laneHeight, isFirst: lane.name !== shown[i - 1]?.name },
              theme,
            ),
          ),
          frame.background,
          present.map((fate) =>
            drawDurations(
              finished.filter((run) => run.fate === fate),
              frame,
              fateColour(theme, fate),
              finished.length,
            ),
          ),
          finished.length <= mostTold && hints(finished.map((run) => ({ at: placeOf(run, frame), words: runWords(run) }))),
          key.content,
        ],
      },
    },
  };
}

function runsOf(trials: readonly ChartedTrial[]): readonly Run[] {
  const times = trials.flatMap(({ startedAt, finishedAt }) => [startedAt, finishedAt].filter((time) => time !== undefined));
  const [first, latest] = [least(times), most(times)];
  return trials
    .flatMap((trial): readonly Run[] => {
      const { startedAt, finishedAt = latest, worker = trial.lease?.worker ?? "" } = trial;
      if (startedAt === undefined || !Number.isFinite(startedAt) || trial.state === "waiting") return [];
      return [
        {
          number: trial.number,
          fate: fateOf(trial),
          worker,
          from: startedAt - first,
          to: Math.max(startedAt, finishedAt) - first,
        },
      ];
    })
    .sort((a, b) => a.from - b.from);
}

/** A row for each worker, more where trials overlapped on one; the workers in the order of their first trials. */
function lanesOf(runs: readonly Run[]): readonly Lane[] {
  const byWorker = groupBy(runs, ({ worker }) => worker);
  const names = workerNames([...byWorker.keys()]);
  return [...byWorker].flatMap(([worker, own]) => {
    const lanes: Run[][] = [];
    for (const run of own) {
      const free = lanes.find((lane) => lane.at(-1)!.to <= run.from);
      if (free === undefined) lanes.push([run]);
      else free.push(run);
    }
    return lanes.map((lane) => ({ name: names.get(worker)!, runs: lane }));
  });
}

/** "process 4100 on machine-a": workers are named by machine, process and its start; the machine is left out where there is one only. */
function workerNames(workers: readonly string[]): ReadonlyMap<string, string> {
  const parts = workers.map((worker) => worker.split("/"));
  const hosts = new Set(parts.map(([host]) => host));
  return new Map(
    workers.map((worker, i) => {
      const [host, process] = parts[i]!;
      if (process === undefined) return [worker, worker === "" ? "unknown" : worker];
      return [worker, hosts.size === 1 ? `process ${process}` : `process ${process} on ${host}`];
    }),
  );
}

interface LanePlace {
  readonly frame: Frame;
  readonly top: number;
  readonly height: number;
  /** Whether the row is its worker's first: that one has the name. */
  readonly isFirst: boolean;
}

/** A worker's row: the bars of a colour are one path. */
function drawLane({ name, runs }: Lane, { frame, top, height, isFirst }: LanePlace, theme: Theme): SvgContent {
  const { area } = frame;
  const middle = top + height / 2;
  return [
    svg.rect({ x: area.x, y: top + 1, width: area.width, height: height - 2, fill: theme.surface }),
    isFirst &&
      label(fit(name, area.x - 10, rowStyle), area.x - 8, middleBaseline(top + height / 2, rowStyle), {
        anchor: "end",
        fill: theme.mutedText,
        style: rowStyle,
      }),
    barsOf(runs, frame).map(([fate, bars]) =>
      svg.path({
        d: pathText(
          bars.flatMap(([from, to]): readonly PathCommand[] => [
            ["M", tenth(from), middle],
            ["H", tenth(to)],
          ]),
        ),
        fill: "none",
        stroke: fateColour(theme, fate),
        strokeWidth: height - 4,
      }),
    ),
    !isDense(runs, frame) && barHints(runs, frame, { top: top + 2, height: height - 4 }),
  ];
}

/** A bar's own shape over each, for what it says when it is pointed at. */
function barHints(
  runs: readonly Run[],
  frame: Frame,
  { top, height }: { readonly top: number; readonly height: number },
): SvgContent {
  return svg.g(
    { fill: "none", pointerEvents: "all" },
    runs.map((run) => {
      const [x, end] = barOf(run, frame);
      return svg.rect({ x: tenth(x), y: top, width: tenth(end - x), height }, svg.title({}, runWords(run)));
    }),
  );
}

function runWords({ number, fate, from, to }: Run): string {
  return `trial ${number}: ${fateWords[fate]}, ${durationWords(to - from)}`;
}

type Bar = readonly [from: number, to: number];

/** Whether most trials of a row would be thinner than what can be told apart. */
function isDense({ length }: readonly Run[], { area }: Frame): boolean {
  return length > area.width / 5;
}

/** A gap of half a pixel tells trials apart that followed each other at once. */
function barOf({ from, to }: Run, frame: Frame): Bar {
  const start = frame.x(from);
  return [start, Math.max(start + 1, frame.x(to) - 0.5)];
}

/** The bars of each fate on a row in pixels. Where trials are too short to be told apart, each pixel has its rarest fate. */
function barsOf(runs: readonly Run[], frame: Frame): readonly (readonly [Fate, readonly Bar[]])[] {
  const byFate = [...groupBy(runs, ({ fate }) => fate)];
  if (!isDense(runs, frame)) {
    return byFate.map(([fate, own]) => [fate, own.map((run) => barOf(run, frame))]);
  }
  const pixels: (Fate | undefined)[] = Array.from({ length: Math.ceil(frame.area.width) + 1 }, () => undefined);
  for (const [fate, own] of byFate.toSorted(([, a], [, b]) => b.length - a.length)) {
    for (const { from, to } of own) {
      const [start, end] = [from, to].map((time) => Math.floor(frame.x(time) - frame.area.x));
      pixels.fill(fate, start, Math.max(start! + 1, end!));
    }
  }
  const bars = byFate.map(([fate]): readonly [Fate, Bar[]] => [fate, []]);
  const barsOfFate = new Map(bars);
  for (let start = 0; start < pixels.length;) {
    let end = start + 1;
    while (end < pixels.length && pixels[end] === pixels[start]) end += 1;
    const fate = pixels[start];
    if (fate !== undefined)
      barsOfFate.get(fate)!.push([frame.area.x + start, Math.min(frame.area.x + end, frame.area.x + frame.area.width)]);
    start = end;
  }
  return bars.filter(([, own]) => own.length > 0);
}

function placeOf({ from, to }: Run, frame: Frame): Point {
  return [frame.x(from), frame.y(Math.max(1, to - from))];
}

/** How long each trial took, at the time when it began; what falls on one place is drawn once. */
function drawDurations(runs: readonly Run[], frame: Frame, fill: string, count: number): SvgContent {
  const isCrowded = count > mostTold;
  const grain = isCrowded ? 6 : 0.5;
  const places = new Map<string, Point>();
  for (const run of runs) {
    const point = placeOf(run, frame);
    places.set(`${Math.round(point[0] / grain)} ${Math.round(point[1] / grain)}`, point);
  }
  return dots([...places.values()], { radius: isCrowded ? 2 : 2.8, fill, opacity: 0.75 });
}

/** Time spans on a logarithmic scale where they are very different. */
function spanScale(runs: readonly Run[]): Scale {
  const spans = runs.map(({ from, to }) => Math.max(1, to - from));
  if (spans.length === 0) return durationScale(0, 1000);
  const [low, high] = [least(spans), most(spans)];
  return high / low > 100 ? logDurationScale(low, high) : durationScale(0, high * 1.05);
}

function spanSentence(runs: readonly Run[], end: number): string {
  const busy = runs.reduce((sum, { from, to }) => sum + to - from, 0);
  const workers = counted(new Set(runs.map(({ worker }) => worker)).size, "worker");
  return `${counted(runs.length, "trial")} on ${workers} took ${durationWords(end)} from the first start to the last end, ${durationWords(busy)} added up.`;
}
