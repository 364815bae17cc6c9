import type { MessageStream } from "../terminal.ts";
import { describeStep, pace, renderProgress, stepsText, type ProgressState, type StepView } from "./progress.ts";
import { formatAmount, formatNumber } from "./format.ts";
import { oneLine } from "./text.ts";

/** Shows a search while it runs. */
export interface Display {
  /** Takes the new state; drawn soon, not at once. */
  update(state: ProgressState): void;
  /** Shows a line that stays. */
  line(text: string): void;
  /** Clears what was drawn and stops. */
  close(): void;
}

const frameMs = 100;
const heartbeatMs = 30_000;

/** Redraws a few lines in place on a terminal that can, else writes plain lines: one for each trial, and one now and then. */
export function openDisplay(stream: MessageStream, initial: ProgressState): Display {
  return stream.live ? liveDisplay(stream, initial) : plainDisplay(stream, initial);
}

function liveDisplay(stream: MessageStream, initial: ProgressState): Display {
  let state = initial;
  let drawn = 0;
  const clear = (): string => (drawn === 0 ? "" : `\u001B[${drawn}A\u001B[J`);
  const draw = (): void => {
    const lines = renderProgress(state, {
      now: Date.now(),
      width: Math.max(20, stream.columns() - 1),
      coloured: stream.coloured,
    });
    stream.write(`${clear()}${lines.join("\n")}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, frameMs);
  timer.unref();
  draw();
  return {
    update: (next) => {
      state = next;
    },
    line: (text) => {
      stream.write(`${clear()}${oneLine(text)}\n`);
      drawn = 0;
      draw();
    },
    close: () => {
      clearInterval(timer);
      stream.write(clear());
      drawn = 0;
    },
  };
}

function plainDisplay(stream: MessageStream, initial: ProgressState): Display {
  let state = initial;
  let lastLine = Date.now();
  const write = (text: string): void => {
    stream.write(`${oneLine(text)}\n`);
    lastLine = Date.now();
  };
  const timer = setInterval(() => {
    if (Date.now() - lastLine >= heartbeatMs) write(heartbeat(state));
  }, 1000);
  timer.unref();
  return {
    update: (next) => {
      state = next;
    },
    line: write,
    close: () => clearInterval(timer),
  };
}

/** A line has no room for more. */
const shownTrials = 4;

/** `3 of 100 (validationAccuracy 0.31)`: of what was reported, the metric that the experiment names first. */
function placeOf({ step, of, phase, metrics }: StepView): string {
  const [first] = Object.entries(metrics);
  return (
    describeStep({ step, of, phase, metrics: {} }) +
    (first === undefined ? "" : ` (${oneLine(first[0])} ${formatNumber(first[1])})`)
  );
}

/** One line on where the search stands. */
export function heartbeat(state: ProgressState): string {
  const trials = state.workers.filter((worker) => worker.kind === "trial");
  const places = trials
    .slice(0, shownTrials)
    .map(({ number, step }) => `trial ${number}${step === undefined ? "" : ` at ${placeOf(step)}`}`);
  const others = trials.length > shownTrials ? [`${trials.length - shownTrials} more`] : [];
  const running = trials.length === 0 ? "none running" : `${[...places, ...others].join(", ")} running`;
  const best =
    state.best === undefined ? "" : `, best ${state.metric} ${formatNumber(state.best.value)} (trial ${state.best.number})`;
  const share = state.total === undefined ? formatAmount(state.ended, "trial") : `${state.ended} of ${state.total} trials`;
  const steps = state.steps === undefined ? "" : `, ${stepsText(state.steps)}`;
  return `${share}${steps}, ${running}${best}, ${pace(state, Date.now())}`;
}
