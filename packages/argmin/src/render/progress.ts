import type { Metrics } from "@argmin/search";
import { formatAmount, formatDuration, formatNumber } from "./format.ts";
import { fit, oneLine } from "./text.ts";

/** What one worker is doing. Times are in milliseconds since 1970. */
export type WorkerView =
  | { readonly kind: "idle" }
  | { readonly kind: "loading" }
  | { readonly kind: "finishing"; readonly since: number; readonly step?: StepView }
  | { readonly kind: "trial"; readonly number: number; readonly since: number; readonly step?: StepView };

/** The last report of what a worker is doing. */
export interface StepView {
  readonly step: number;
  readonly of: number | undefined;
  readonly phase: string | undefined;
  readonly metrics: Metrics;
}

/** All that the progress display shows. */
export interface ProgressState {
  readonly study: string;
  readonly metric: string;
  /** Trials the study is to have in all; undefined if nothing but time or a target ends it. */
  readonly total: number | undefined;
  /** Trials that have ended or are paused, in all processes and earlier runs. */
  readonly ended: number;
  readonly failed: number;
  /** Trials stopped by their reports, and those given up before they reported anything. */
  readonly pruned: number;
  readonly rejected: number;
  /** Trials that are paused at a checkpoint, those that were promoted and run again included. */
  readonly paused: number;
  /** Steps that trials have reported, of those that the search may spend; undefined without a budget. */
  readonly steps: { readonly spent: number; readonly spentHere: number; readonly budget: number } | undefined;
  readonly best: { readonly number: number; readonly value: number } | undefined;
  readonly startedAt: number;
  /** Trials that have ended since `startedAt`: what the rate is made of. */
  readonly endedHere: number;
  readonly workers: readonly WorkerView[];
  /** Whether Ctrl-C was pressed: what runs is finished, nothing new begins. */
  readonly stopping: boolean;
}

interface Frame {
  readonly now: number;
  readonly width: number;
  readonly coloured: boolean;
}

const barWidth = 24;
/** More lines than a terminal has cannot be redrawn in place. */
const shownWorkers = 16;

/** The display as lines of at most `width` characters, colours not counted. */
export function renderProgress(state: ProgressState, { now, width, coloured }: Frame): readonly string[] {
  const paint = coloured ? colours : plain;
  const heading = paint.strong(fit(headline(state), width));
  const share = shareOf(state);
  const bar = fit(share === undefined ? `  ${pace(state, now)}` : `${progressBar(share)}  ${pace(state, now)}`, width);
  const notice = state.stopping ? [paint.warn(fit("stopping: what runs is finished; Ctrl-C again stops at once", width))] : [];
  const workers = state.workers
    .slice(0, shownWorkers)
    .map((worker, place) => paint.dim(fit(`  worker ${place + 1}  ${describeWorker(worker, now)}`, width)));
  const others = state.workers.length - workers.length;
  if (others > 0) workers.push(paint.dim(fit(`  and ${others} workers more`, width)));
  return [heading, bar, ...workers, ...notice];
}

/** How much of the search is done, by whichever limit is nearer. */
function shareOf({ total, ended, steps }: ProgressState): number | undefined {
  const shares = [...(total === undefined ? [] : [ended / total]), ...(steps === undefined ? [] : [steps.spent / steps.budget])];
  return shares.length === 0 ? undefined : Math.max(...shares);
}

/** `120 of 200 steps`. */
export function stepsText({ spent, budget }: Pick<NonNullable<ProgressState["steps"]>, "spent" | "budget">): string {
  return `${spent} of ${budget} steps`;
}

function headline({ study, total, ended, failed, pruned, paused, rejected, steps, best, metric }: ProgressState): string {
  const parts = [`${study}: ${total === undefined ? formatAmount(ended, "trial") : `${ended} of ${total} trials`}`];
  if (steps !== undefined) parts.push(stepsText(steps));
  if (pruned > 0) parts.push(`${pruned} pruned`);
  if (paused > 0) parts.push(`${paused} paused`);
  if (rejected > 0) parts.push(`${rejected} rejected`);
  if (failed > 0) parts.push(`${failed} failed`);
  parts.push(best === undefined ? "no result yet" : `best ${metric} ${formatNumber(best.value)} (trial ${best.number})`);
  return parts.join(" · ");
}

function progressBar(share: number): string {
  const filled = Math.min(barWidth, Math.floor(Math.max(0, share) * barWidth));
  return `[${"=".repeat(filled)}${" ".repeat(barWidth - filled)}] ${String(Math.floor(Math.min(1, share) * 100)).padStart(3)} %`;
}

/** Rate and time left, once there is a trial to judge by. */
export function pace({ total, ended, endedHere, steps, startedAt }: ProgressState, now: number): string {
  const elapsed = now - startedAt;
  if (endedHere === 0 || elapsed <= 0) return `${formatDuration(elapsed)} so far`;
  const each = elapsed / endedHere;
  const perMinute = 60_000 / each;
  const rate =
    perMinute >= 600
      ? `${formatNumber(Math.round(perMinute / 60))} trials/s`
      : `${formatNumber(Number(perMinute.toPrecision(3)))} trials/min`;
  // The nearer limit ends the search.
  const left = Math.min(
    total === undefined ? Infinity : each * (total - ended),
    steps === undefined || steps.spentHere === 0 ? Infinity : (elapsed / steps.spentHere) * (steps.budget - steps.spent),
  );
  return `${formatDuration(elapsed)} so far · ${rate}${left > 0 && left < Infinity ? ` · ${formatDuration(left)} left` : ""}`;
}

function describeWorker(worker: WorkerView, now: number): string {
  if (worker.kind === "idle") return "idle";
  if (worker.kind === "loading") return "loading the experiment";
  const what = worker.kind === "trial" ? `trial ${worker.number}` : "last step of the experiment";
  const step = worker.step === undefined ? [] : [describeStep(worker.step)];
  return [what, ...step, formatDuration(now - worker.since)].join("  ");
}

/** `fold 2 of 3, 5 of 12  loss 0.0312  accuracy 0.9911`. */
export function describeStep({ step, of, phase, metrics }: StepView): string {
  const place = of === undefined ? `step ${step}` : `${step} of ${of}`;
  const values = Object.entries(metrics).map(([name, value]) => `${oneLine(name)} ${formatNumber(value)}`);
  return [phase === undefined || phase === "" ? place : `${oneLine(phase)}, ${place}`, ...values].join("  ");
}

interface Paint {
  strong(text: string): string;
  dim(text: string): string;
  warn(text: string): string;
}

const plain: Paint = { strong: (text) => text, dim: (text) => text, warn: (text) => text };
const colours: Paint = {
  strong: (text) => `\u001B[1m${text}\u001B[22m`,
  dim: (text) => `\u001B[2m${text}\u001B[22m`,
  warn: (text) => `\u001B[33m${text}\u001B[39m`,
};
