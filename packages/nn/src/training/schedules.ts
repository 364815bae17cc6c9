import { ArgminError } from "@argmin/base";

/** Where in a `fit` a step is. */
export interface ScheduledAt {
  /** 0 for the first of the first epoch; a training that goes on with `initialEpoch` counts the steps of the epochs before. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** The number of the last epoch: the training has `stepsPerEpoch * epochs` steps, rounded. */
  readonly epochs: number;
}

/** What a schedule says of a step. */
export interface ScheduledStep {
  /** What the trainer's learning rate is multiplied by. */
  readonly factor: number;
  /** In place of the optimizer's own, which must have one that is not 0. */
  readonly momentum?: number;
}

/**
 * The course of the learning rate: what it is multiplied by at each step, and the momentum too if that has a course of its own. A pure
 * function, so that a training that goes on from a checkpoint goes on with its schedule too.
 */
export type Schedule = (at: ScheduledAt) => number | ScheduledStep;

/** Every so many epochs, or at certain ones. */
export type StepScheduleOptions = {
  /** Default 0.1. */
  readonly factor?: number;
} & ({ readonly every: number } | { readonly after: readonly number[] });

export interface ExponentialScheduleOptions {
  /** What is left of the rate after an epoch. */
  readonly factor: number;
  /** Only between epochs, as PyTorch does, not at each step a little. Default false. */
  readonly staircase?: boolean;
}

export interface CosineScheduleOptions {
  /** The factor at the end. Default 0. */
  readonly end?: number;
  /** Start again after `first` epochs, then after `growth` (default 1) times as many, and so on. */
  readonly restarts?: { readonly first: number; readonly growth?: number };
}

export interface OneCycleScheduleOptions {
  /** The share of the steps in which the rate rises. Default 0.3. */
  readonly rise?: number;
  /** The factor of the first step. Default 1/25. */
  readonly start?: number;
  /** The factor of the last step. Default a ten-thousandth of the first. */
  readonly end?: number;
  /** Default "cosine". */
  readonly annealing?: "cosine" | "linear";
  /** Fall as long as it rose to the first factor, and then to the last. Default false: one fall. */
  readonly threePhases?: boolean;
  /** Lowest and highest momentum, which falls while the rate rises; PyTorch's are 0.85 and 0.95. Default: the optimizer's own. */
  readonly momentum?: readonly [lowest: number, highest: number];
}

export type WarmUpOptions = {
  /** The factor of the first step. Default 0. */
  readonly start?: number;
} & ({ readonly epochs: number } | { readonly steps: number });

/** The learning rate as it is, or times `factor`. */
function constant(factor = 1): Schedule {
  checkNumber(factor, 0, "factor of a constant schedule");
  return () => factor;
}

/** Falls by a factor every few epochs, or after those given. */
function step(options: StepScheduleOptions): Schedule {
  const { factor = 0.1 } = options;
  checkNumber(factor, 0, "factor of a step schedule");
  if ("every" in options) {
    const { every } = options;
    checkAbove(every, "number of epochs of a step schedule");
    return (at) => factor ** Math.floor(epochAt(at) / every);
  }
  const after = [...options.after];
  for (const epoch of after) checkNumber(epoch, 0, "epochs of a step schedule");
  return (at) => factor ** after.filter((epoch) => epochAt(at) >= epoch).length;
}

/** Falls by the same factor in every epoch. */
function exponential({ factor, staircase = false }: ExponentialScheduleOptions): Schedule {
  checkAbove(factor, "factor of an exponential schedule");
  return (at) => factor ** (staircase ? Math.floor(epochAt(at)) : epochAt(at));
}

/** Half a cosine from 1 down to the end, over all steps or from restart to restart (Loshchilov and Hutter, 2017). */
function cosine({ end = 0, restarts }: CosineScheduleOptions = {}): Schedule {
  checkNumber(end, 0, "end of a cosine schedule");
  if (restarts === undefined) return (at) => byCosine(1, end, Math.min(at.step / totalSteps(at), 1));
  const { first, growth = 1 } = restarts;
  checkAbove(first, "first period of a cosine schedule");
  checkNumber(growth, 1, "growth of a cosine schedule's periods");
  return (at) => {
    let left = epochAt(at);
    let period = first;
    while (left >= period) {
      left -= period;
      period *= growth;
    }
    return byCosine(1, end, left / period);
  };
}

/**
 * Rises from `start` to the trainer's rate, the highest, and falls to `end` (Smith and Topin, 2019), with PyTorch's phases.
 */
function oneCycle(options: OneCycleScheduleOptions = {}): Schedule {
  const { rise = 0.3, start = 1 / 25, end = start / 1e4, annealing = "cosine", threePhases = false, momentum } = options;
  if (!(rise > 0 && rise < (threePhases ? 0.5 : 1))) {
    const most = threePhases ? "below 0.5 where there are three phases" : "below 1";
    throw new ArgminError("value/invalid", `The rise of a one-cycle schedule must be above 0 and ${most}, not ${rise}.`);
  }
  checkNumber(start, 0, "start of a one-cycle schedule");
  checkNumber(end, 0, "end of a one-cycle schedule");
  const between = annealings[annealing];
  if (between === undefined) {
    throw new ArgminError(
      "value/invalid",
      `A one-cycle schedule anneals "cosine" or "linear", not ${JSON.stringify(annealing)}.`,
    );
  }
  const [low, high] = momentum ?? [];
  if (momentum !== undefined && !(low !== undefined && high !== undefined && low >= 0 && low <= high && high <= 1)) {
    throw new ArgminError(
      "value/invalid",
      `The momentum of a one-cycle schedule must be the lowest and the highest, between 0 and 1, not ${JSON.stringify(momentum)}.`,
    );
  }
  return (at) => {
    const total = totalSteps(at);
    // Each phase: its last step, the factor and the momentum there.
    const phases: readonly (readonly [last: number, factor: number, momentum: number | undefined])[] = [
      [rise * total - 1, 1, low],
      ...(threePhases ? ([[2 * rise * total - 2, start, high]] as const) : []),
      [total - 1, end, high],
    ];
    const now = Math.min(at.step, total - 1);
    let [before, from, fromMomentum]: readonly [number, number, number | undefined] = [0, start, high];
    for (const [last, to, toMomentum] of phases) {
      if (now <= last || last === total - 1) {
        const share = last > before ? (now - before) / (last - before) : 1;
        const factor = between(from, to, share);
        if (fromMomentum === undefined || toMomentum === undefined) return factor;
        return { factor, momentum: between(fromMomentum, toMomentum, share) };
      }
      [before, from, fromMomentum] = [last, to, toMomentum];
    }
    throw new Error("internal: a one-cycle schedule without an end");
  };
}

/** Rises in a line to where another schedule begins, which then has the rest of the steps. */
function warmUp(options: WarmUpOptions, then: Schedule = constant()): Schedule {
  const { start = 0 } = options;
  checkNumber(start, 0, "start of a warm-up");
  checkAbove("epochs" in options ? options.epochs : options.steps, "length of a warm-up");
  return ({ step: now, stepsPerEpoch, epochs }) => {
    const length = Math.round("epochs" in options ? options.epochs * stepsPerEpoch : options.steps);
    const rest = { stepsPerEpoch, epochs: Math.max(epochs - length / stepsPerEpoch, 1 / stepsPerEpoch) };
    if (now >= length) return then({ ...rest, step: now - length });
    const { factor, ...others } = settled(then({ ...rest, step: 0 }));
    return { ...others, factor: start + (factor - start) * (now / length) };
  };
}

/** Courses of the learning rate, for `fit({ learningRate: schedule.cosine() })`. Each throws `value/invalid` for numbers out of range. */
export const schedule = Object.freeze({ constant, step, exponential, cosine, oneCycle, warmUp });

/**
 * What a schedule, if there is one, says of a step.
 *
 * @throws ArgminError `value/invalid` if that is no finite number of at least 0, or no momentum between 0 and 1.
 */
export function scheduledStep(given: Schedule | undefined, at: ScheduledAt): ScheduledStep {
  if (given === undefined) return { factor: 1 };
  const settings = settled(given(at));
  const { factor, momentum } = settings;
  if (!(Number.isFinite(factor) && factor >= 0)) {
    throw new ArgminError(
      "value/invalid",
      `The learning-rate schedule gives ${factor} at step ${at.step}; it must give a finite number, at least 0.`,
    );
  }
  if (momentum !== undefined && !(momentum >= 0 && momentum <= 1)) {
    throw new ArgminError(
      "value/invalid",
      `The learning-rate schedule gives a momentum of ${momentum} at step ${at.step}; it must be between 0 and 1.`,
    );
  }
  return settings;
}

function settled(given: number | ScheduledStep): ScheduledStep {
  return typeof given === "object" ? given : { factor: given };
}

const annealings = {
  cosine: byCosine,
  linear: (from: number, to: number, share: number): number => from + (to - from) * share,
} as const satisfies Readonly<Record<string, (from: number, to: number, share: number) => number>>;

function byCosine(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}

/** Epochs that are over, with the share of the current one. */
function epochAt({ step: now, stepsPerEpoch }: ScheduledAt): number {
  return now / stepsPerEpoch;
}

function totalSteps({ stepsPerEpoch, epochs }: ScheduledAt): number {
  return Math.max(Math.round(stepsPerEpoch * epochs), 1);
}

function checkNumber(value: number, least: 0 | 1, what: string): void {
  if (Number.isFinite(value) && value >= least) return;
  throw new ArgminError("value/invalid", `The ${what} must be a finite number, at least ${least}, not ${value}.`);
}

function checkAbove(value: number, what: string): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new ArgminError("value/invalid", `The ${what} must be a finite number above 0, not ${value}.`);
}
