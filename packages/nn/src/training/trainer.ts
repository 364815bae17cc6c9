import { ArgminError, Rng, writeFileAtomically } from "@argmin/base";
import { sizeOf } from "../graph/value.ts";
import type { Model } from "../layers/model.ts";
import { lossForm, type LossName } from "../losses/losses.ts";
import { optimizerOf, type OptimizerKind, type OptimizerSettings } from "../optimizers/optimizer.ts";
import { bindRule } from "../optimizers/rules.ts";
import type { Device } from "../runtime/device.ts";
import { readCheckpoint, writeCheckpoint } from "../checkpoint/checkpoint.ts";
import { exportModel } from "../checkpoint/export.ts";
import { summarize, type ModelSummary } from "../summary/summary.ts";
import type { Augmentation } from "./augmentation.ts";
import type { Callback, TrainingControl, Weights } from "./callbacks.ts";
import { Engine } from "./engine.ts";
import { majorityShare, parseExamples, parseInputs, targetFormOf, type Examples, type ExampleInputs } from "./examples.ts";
import { evaluateExamples, EVALUATION_BATCH, predictInputs, runFit, type TrainingParts, type TrainingProgress } from "./fit.ts";
import type { Evaluation, History } from "./history.ts";
import { bucketsOf } from "./buckets.ts";

/** Metrics beside the loss. */
export type MetricName = "accuracy";

export interface CompileOptions {
  readonly loss: LossName;
  /** Settings from `optimizer`, or a name for Keras's defaults. */
  readonly optimizer: OptimizerSettings | OptimizerKind;
  /** Default: accuracy with the cross-entropies, none with the mean squared error. */
  readonly metrics?: readonly MetricName[];
  /** First weights, order of the examples and dropout derive from it. Default 0. */
  readonly seed?: number | string;
  /** Default "cpu". */
  readonly device?: Device;
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
}

export interface FitOptions {
  /** The number of the last epoch. */
  readonly epochs: number;
  /** Examples a step; default 32. The last step of an epoch takes what is left. */
  readonly batchSize?: number;
  /** Judged after each epoch. */
  readonly validation?: Examples;
  readonly callbacks?: readonly Callback[];
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
}

/**
 * A model ready to learn: `fit`, `evaluate`, `predict`.
 *
 * Nothing is compiled here; each batch size is when it is first met, and kept. On the CPU equal seeds give equal weights, bit for bit.
 *
 * @throws ArgminError `model/invalid` if model, loss and metrics do not go together, `value/invalid` for optimizer settings out of range.
 */
export function compileModel(model: Model, options: CompileOptions): Trainer {
  return new Trainer(model, options);
}

/** A model with weights, an optimizer and compiled graphs. Made by `compileModel`; `dispose` frees what it holds. */
export class Trainer implements TrainingControl {
  readonly model: Model;
  readonly optimizer: OptimizerSettings;
  readonly loss: LossName;
  readonly #parts: TrainingParts;
  #progress: TrainingProgress;
  #seed: number | string;
  #isBusy = false;

  constructor(model: Model, options: CompileOptions) {
    checkOptions("compileModel", options, ["loss", "optimizer", "metrics", "seed", "device", "threads"]);
    const { loss, metrics, seed = 0, device = "cpu", threads = 1 } = options;
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizerOf(options.optimizer);
    const form = lossForm(loss, model.calls.at(-1)!.plan.activation);
    checkOutput(model, loss);
    checkMetrics(metrics);
    const hasAccuracy = metrics?.includes("accuracy") ?? loss !== "meanSquaredError";
    if (hasAccuracy && loss === "meanSquaredError") {
      throw new ArgminError(
        "model/invalid",
        "The mean squared error has no accuracy; leave the metric out or take a cross-entropy.",
      );
    }
    if (!Number.isSafeInteger(threads) || threads < 1) {
      throw new ArgminError("value/invalid", `A trainer runs on a positive whole number of threads, not ${threads}.`);
    }
    const rule = bindRule(this.optimizer);
    const engine = new Engine({ model, loss: form, rule, buckets: bucketsOf(model) }, { device, threads });
    this.#parts = { engine, loss: form, rule, target: targetFormOf(model, loss), hasAccuracy };
    this.#seed = seed;
    this.#progress = this.#restart(seed);
  }

  /** Steps taken since the weights were new. */
  get step(): number {
    return this.#progress.step;
  }

  /** Epochs finished since the weights were new. */
  get epoch(): number {
    return this.#progress.epoch;
  }

  get seed(): number | string {
    return this.#seed;
  }

  /** The learning rate of the steps to come; a schedule may set it at any time. */
  get learningRate(): number {
    return this.#progress.learningRate;
  }

  set learningRate(rate: number) {
    checkRate(rate);
    this.#progress.learningRate = rate;
  }

  /**
   * Begins anew with first weights of this seed (default: the same); what was compiled stays, so another run costs nothing extra.
   *
   * @throws ArgminError `usage/invalid` while a `fit`, `evaluate` or `predict` goes on.
   */
  reset(seed: number | string = this.#seed): void {
    this.#checkIdle();
    this.#seed = seed;
    this.#progress = this.#restart(seed);
  }

  /**
   * Learns from examples.
   *
   * @throws ArgminError `value/invalid` for options or examples out of range, `training/diverged` when a loss or a weight is no
   *   finite number any more, `training/interrupted` when the signal says so: weights are then those after the last step.
   */
  async fit(examples: Examples, options: FitOptions): Promise<History> {
    checkOptions("fit", options, fitOptionNames);
    const { epochs, batchSize = 32, initialEpoch = 0, shuffle = true, augmentation, callbacks = [], signal } = options;
    const { target } = this.#parts;
    checkCount(batchSize, 1, "batch size");
    checkCount(epochs, 0, "number of epochs");
    checkCount(initialEpoch, 0, "initial epoch");
    const training = parseExamples(examples, this.model, target, this.loss, "training");
    const validation = options.validation && parseExamples(options.validation, this.model, target, this.loss, "validation");
    const accuracy = majorityShare(training, target);
    const validationAccuracy = validation && majorityShare(validation, target);
    const context = {
      trainer: this.#control(),
      epochs,
      stepsPerEpoch: Math.ceil(training.count / batchSize),
      majority: { ...(accuracy !== undefined && { accuracy }), ...(validationAccuracy !== undefined && { validationAccuracy }) },
    };
    const plan = { examples: training, validation, epochs, initialEpoch, batchSize, shuffle, augmentation, callbacks, signal };
    return this.#exclusively(() => runFit(this.#parts, this.#progress, plan, context));
  }

  /**
   * Loss and accuracy over a set, by the weights as they are.
   *
   * @throws ArgminError `value/invalid` if the examples do not fit the model, `training/interrupted` when the signal says so.
   */
  async evaluate(examples: Examples, options: PassOptions = {}): Promise<Evaluation> {
    checkOptions("evaluate", options, ["batchSize", "signal"]);
    const { batchSize = EVALUATION_BATCH, signal } = options;
    checkCount(batchSize, 1, "batch size");
    const parsed = parseExamples(examples, this.model, this.#parts.target, this.loss, "evaluation");
    return this.#exclusively(() => evaluateExamples(this.#parts, parsed, batchSize, signal));
  }

  /**
   * The outputs of the model, `[count, unit]`, row-major.
   *
   * @throws ArgminError `value/invalid` if the inputs are no whole number of examples, `training/interrupted` when the signal says so.
   */
  async predict(inputs: ExampleInputs, options: PassOptions = {}): Promise<Float32Array> {
    checkOptions("predict", options, ["batchSize", "signal"]);
    const { batchSize = EVALUATION_BATCH, signal } = options;
    checkCount(batchSize, 1, "batch size");
    const parsed = parseInputs(inputs, this.model.inputShape, "prediction");
    return this.#exclusively(() => predictInputs(this.#parts, parsed, batchSize, signal));
  }

  /** Copies of all weights by name. */
  weights(): Weights {
    const { state } = this.#parts.engine;
    return new Map(this.model.weights.map(({ name }) => [name, state.view(name).slice()]));
  }

  /**
   * Takes these weights; the optimizer's slots stay. Callbacks do it through the trainer of their context.
   *
   * @throws ArgminError `model/weights` unless there is one array of the right size for each weight and no other, `usage/invalid`
   *   while a `fit`, `evaluate` or `predict` goes on.
   */
  setWeights(weights: Weights): void {
    this.#checkIdle();
    this.#setWeights(weights);
  }

  #setWeights(weights: Weights): void {
    const { state } = this.#parts.engine;
    for (const { name, size, shape } of this.model.weights) {
      const length = weights.get(name)?.length;
      if (length !== size) {
        throw new ArgminError(
          "model/weights",
          `The weight ${name} wants ${size} numbers ([${shape.join(", ")}]), not ${length ?? "none"}.`,
        );
      }
    }
    for (const name of weights.keys()) {
      if (!this.model.weights.some((weight) => weight.name === name)) {
        throw new ArgminError("model/weights", `The model ${this.model.name} has no weight ${name}.`);
      }
    }
    for (const { name } of this.model.weights) state.view(name).set(weights.get(name)!);
  }

  /**
   * Writes the weights to a .safetensors file, whole or not at all.
   *
   * Training goes on from a file bit for bit between epochs: of one that was interrupted within an epoch, the rest of that epoch's
   * order is not kept.
   *
   * @param options.optimizer - Keep what training needs to go on too: slots, step, epoch, seed, learning rate (default false).
   * @throws ArgminError `file/unwritable` or `file/full`.
   */
  async save(path: string, options: { readonly optimizer?: boolean } = {}): Promise<void> {
    const { engine, rule } = this.#parts;
    const { step, epoch, learningRate } = this.#progress;
    await writeCheckpoint(path, {
      model: this.model,
      view: (weight, slot) => engine.state.view(weight, slot),
      training: options.optimizer
        ? { optimizer: this.optimizer.kind, slots: rule.slots, units: rule.units, step, epoch, learningRate, seed: this.#seed }
        : undefined,
    });
  }

  /**
   * Takes the weights of a file, and the state of the training if the file has it and `options.optimizer` is not false.
   *
   * @throws ArgminError `data/missing` if there is no file, `checkpoint/corrupt` if it is damaged, `model/weights` if it belongs to
   *   another model or optimizer, `usage/invalid` while a `fit`, `evaluate` or `predict` goes on.
   */
  async load(path: string, options: { readonly optimizer?: boolean } = {}): Promise<void> {
    await this.#exclusively(() => this.#load(path, options));
  }

  async #load(path: string, options: { readonly optimizer?: boolean }): Promise<void> {
    const { engine, rule } = this.#parts;
    const slots =
      options.optimizer === false ? undefined : { optimizer: this.optimizer.kind, slots: rule.slots, units: rule.units };
    const { tensors, training } = await readCheckpoint(path, this.model, slots);
    for (const { weight, slot, data } of tensors) engine.state.view(weight, slot).set(data);
    if (training === undefined) return;
    this.#seed = training.seed;
    this.#progress = { ...training, rng: Rng.fromSeed(training.seed) };
  }

  /**
   * The model with its weights as an .onnx file: one input `input`, `[batch, ...]` float32, one output `output`.
   *
   * @param path - Where to write it too, whole or not at all.
   */
  async exportOnnx(path?: string): Promise<Uint8Array> {
    const bytes = exportModel(this.model, this.weights());
    if (path !== undefined) await writeFileAtomically(path, bytes);
    return bytes;
  }

  /** What the model costs: parameters, arithmetic and memory of a training step with batches of this size (default 32). */
  summary(batchSize = 32): ModelSummary {
    checkCount(batchSize, 1, "batch size");
    return summarize(this.#parts.engine.parts, batchSize);
  }

  /** Frees what was compiled, after the step in flight; the trainer cannot run any more, and what still runs ends with `usage/invalid`. */
  async dispose(): Promise<void> {
    await this.#parts.engine.dispose();
  }

  #restart(seed: number | string): TrainingProgress {
    const rng = Rng.fromSeed(seed);
    this.#parts.engine.state.reset(this.model, rng);
    return { step: 0, epoch: 0, learningRate: this.optimizer.learningRate, rng };
  }

  /** What callbacks steer by: they run between two steps, when the weights may be changed. */
  #control(): TrainingControl {
    const progress = this.#progress;
    return {
      get learningRate() {
        return progress.learningRate;
      },
      set learningRate(rate) {
        checkRate(rate);
        progress.learningRate = rate;
      },
      weights: () => this.weights(),
      setWeights: (weights) => this.#setWeights(weights),
      save: (path, options) => this.save(path, options),
    };
  }

  /** The buffers are shared: one thing at a time. */
  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    this.#checkIdle();
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }

  #checkIdle(): void {
    if (!this.#isBusy) return;
    throw new ArgminError(
      "usage/invalid",
      "This trainer is busy; wait for its fit, evaluate, predict or load to end; callbacks change weights through the trainer of their context.",
    );
  }
}

const fitOptionNames = [
  "epochs",
  "batchSize",
  "validation",
  "callbacks",
  "shuffle",
  "augmentation",
  "signal",
  "initialEpoch",
] as const;

function checkRate(rate: number): void {
  if (Number.isFinite(rate) && rate >= 0) return;
  throw new ArgminError("value/invalid", `A learning rate must be a finite number, at least 0, not ${rate}.`);
}

function checkOutput(model: Model, loss: LossName): void {
  if (model.outputShape.length !== 1) {
    throw new ArgminError(
      "model/invalid",
      `The model ${model.name} gives [${model.outputShape.join(", ")}] an example; a loss wants a list of units, so end with flatten or dense.`,
    );
  }
  if (loss === "categoricalCrossentropy" && sizeOf(model.outputShape) < 2) {
    throw new ArgminError(
      "model/invalid",
      "Categorical cross-entropy wants one output unit a class, at least 2; for yes or no with one unit take binaryCrossentropy.",
    );
  }
}

/** @throws ArgminError `value/invalid` for an option that is not known: a misspelt one would do nothing. */
function checkOptions<T extends object>(what: string, options: T, known: readonly (keyof T & string)[]): void {
  const names: readonly string[] = known;
  const other = Object.keys(options).find((name) => !names.includes(name));
  if (other === undefined) return;
  throw new ArgminError("value/invalid", `${what} has no option ${other}; it has ${names.join(", ")}.`);
}

const metricNames: readonly MetricName[] = ["accuracy"];

function checkMetrics(metrics: readonly MetricName[] | undefined): void {
  if (metrics === undefined || (Array.isArray(metrics) && metrics.every((name) => metricNames.includes(name)))) return;
  throw new ArgminError(
    "value/invalid",
    `The metrics must be a list of ${metricNames.join(", ")}, or an empty one, not ${JSON.stringify(metrics)}.`,
  );
}

function checkCount(value: number, least: 0 | 1, what: string): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ArgminError("value/invalid", `The ${what} must be a whole number of at least ${least}, not ${value}.`);
  }
}
