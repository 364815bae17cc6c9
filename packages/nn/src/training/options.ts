import { ArgminError } from "@argmin/base";
import type { Forms } from "../graph/target.ts";
import type { OptimizerKind, OptimizerSettings } from "../optimizers/optimizer.ts";
import type { Device } from "../runtime/device.ts";
import type { Augmentation } from "./augmentation.ts";
import type { WeightAverage } from "./average.ts";
import type { Callback } from "./callbacks.ts";
import type { GradientClipping } from "./clipping.ts";
import type { Examples } from "./examples.ts";
import type { ByOutput, Loss, MetricName } from "./outputs.ts";
import type { Schedule } from "./schedules.ts";

/** What a training step is made of, beside the model. */
export interface StepOptions<Output extends string = never> {
  /** A name, or settings; for a model with named outputs one for each by name, or one for all. */
  readonly loss: ByOutput<Output, Loss>;
  /** Settings from `optimizer`, or a name for Keras's defaults. */
  readonly optimizer: OptimizerSettings | OptimizerKind;
  /** Default: accuracy with the cross-entropies, none with the mean squared error. */
  readonly metrics?: ByOutput<Output, readonly MetricName[]>;
  /** Holds the gradients of a step to a length, or each number of them to a size. Default: they are taken as they are. */
  readonly gradientClipping?: GradientClipping;
  /**
   * Makes the model an average of the weights that the steps went through, for all that looks at it: `evaluate`, `predict`, validation,
   * `weights`, exports and checkpoints. Default: the weights after the last step.
   */
  readonly weightAverage?: WeightAverage;
}

export interface CompileOptions<Output extends string = never> extends StepOptions<Output> {
  /** First weights, order of the examples and dropout derive from it. Default 0. */
  readonly seed?: number | string;
  /** Default "cpu". */
  readonly device?: Device;
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
  /**
   * How convolutions and pools are computed: "plain", each by ONNX Runtime's operator for it, or "lowered", by products of matrices
   * and the like where those train faster on a CPU. Default: "lowered" on the CPU, "plain" on other devices.
   */
  readonly forms?: Forms;
}

export interface FitOptions<Output extends string = never> {
  /** The number of the last epoch. */
  readonly epochs: number;
  /** Examples a step; default 32. The last step of an epoch takes what is left. */
  readonly batchSize?: number;
  /** Judged after each epoch. */
  readonly validation?: Examples<Output>;
  readonly callbacks?: readonly Callback[];
  /** The course of the learning rate, from `schedule` or of one's own: what the trainer's is multiplied by at each step. */
  readonly learningRate?: Schedule;
  /** New order of the examples each epoch (default true). */
  readonly shuffle?: boolean;
  /** Changes each training batch before its step: flips, crops, mixed targets. */
  readonly augmentation?: Augmentation;
  /** Looked at between steps. */
  readonly signal?: AbortSignal;
  /** Epochs that were done before, when a training goes on: the first one now is numbered one more. Default 0. */
  readonly initialEpoch?: number;
}

/** How `evaluate` and `predict` go through their examples. */
export interface PassOptions {
  /** The most examples at once; default 64. */
  readonly batchSize?: number;
  /** Looked at between batches. */
  readonly signal?: AbortSignal;
  /** Told after each batch how many of the examples are done. */
  readonly onBatch?: (done: number, count: number) => void;
}

export const compileOptionNames = [
  "loss",
  "optimizer",
  "metrics",
  "gradientClipping",
  "weightAverage",
  "seed",
  "device",
  "threads",
  "forms",
] as const satisfies readonly (keyof CompileOptions)[];

export const passOptionNames = ["batchSize", "signal", "onBatch"] as const satisfies readonly (keyof PassOptions)[];

export const fitOptionNames = [
  "epochs",
  "batchSize",
  "validation",
  "callbacks",
  "shuffle",
  "augmentation",
  "learningRate",
  "signal",
  "initialEpoch",
] as const;

export function checkRate(rate: number): void {
  if (Number.isFinite(rate) && rate >= 0) return;
  throw new ArgminError("value/invalid", `A learning rate must be a finite number, at least 0, not ${rate}.`);
}

/** @throws ArgminError `value/invalid` for an option that is not known: a misspelt one would do nothing. */
export function checkOptions<T extends object>(what: string, options: T, known: readonly (keyof T & string)[]): void {
  const names: readonly string[] = known;
  const other = Object.keys(options).find((name) => !names.includes(name));
  if (other === undefined) return;
  throw new ArgminError("value/invalid", `${what} has no option ${other}; it has ${names.join(", ")}.`);
}

export function checkCount(value: number, least: 0 | 1, what: string): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ArgminError("value/invalid", `The ${what} must be a whole number of at least ${least}, not ${value}.`);
  }
}
