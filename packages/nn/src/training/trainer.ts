import { ArgminError, Rng, writeFileAtomically } from "@argmin/base";
import { formNames } from "../graph/target.ts";
import type { Model } from "../layers/model.ts";
import { optimizerOf, type OptimizerSettings } from "../optimizers/optimizer.ts";
import { readCheckpoint, writeCheckpoint } from "../checkpoint/checkpoint.ts";
import { exportModel } from "../checkpoint/export.ts";
import { summarize, type ModelSummary } from "../summary/summary.ts";
import type { Majority, TrainingControl, Weights } from "./callbacks.ts";
import { Engine } from "./engine.ts";
import { majorityShare, parseExamples, parseInputs, type ExampleInputs, type Examples, type ParsedExamples } from "./examples.ts";
import { runFit, type TrainingProgress } from "./fit.ts";
import { validationName, type EpochRecord, type Evaluation, type History } from "./history.ts";
import {
  checkCount,
  checkOptions,
  checkRate,
  compileOptionNames,
  fitOptionNames,
  passOptionNames,
  type CompileOptions,
  type FitOptions,
  type PassOptions,
} from "./options.ts";
import { graphPartsOf } from "./parts.ts";
import { evaluateExamples, predictInputs } from "./passes.ts";

/** What a model gives for inputs, `[count, unit]` each: by name where its outputs have names. */
export type Predictions<Output extends string = never> = [Output] extends [never]
  ? Float32Array
  : Readonly<Record<Output, Float32Array>>;

/**
 * A model ready to learn: `fit`, `evaluate`, `predict`.
 *
 * Nothing is compiled here; each batch size is when it is first met, and kept. On the CPU equal seeds give equal weights, bit for bit.
 *
 * @throws ArgminError `model/invalid` if model, loss and metrics do not go together, `value/invalid` for optimizer settings out of range.
 */
export function compileModel<Output extends string = never>(
  model: Model<Output>,
  options: CompileOptions<Output>,
): Trainer<Output> {
  return new Trainer(model, options);
}

/** A model with weights, an optimizer and compiled graphs. Made by `compileModel`; `dispose` frees what it holds. */
export class Trainer<Output extends string = never> implements TrainingControl {
  readonly model: Model<Output>;
  readonly optimizer: OptimizerSettings;
  readonly #engine: Engine;
  #progress: TrainingProgress;
  #seed: number | string;
  #isBusy = false;

  constructor(model: Model<Output>, options: CompileOptions<Output>) {
    checkOptions("compileModel", options, compileOptionNames);
    const { seed = 0, device = "cpu", threads = 1, forms } = options;
    this.model = model;
    this.optimizer = optimizerOf(options.optimizer);
    if (!Number.isSafeInteger(threads) || threads < 1) {
      throw new ArgminError("value/invalid", `A trainer runs on a positive whole number of threads, not ${threads}.`);
    }
    if (forms !== undefined && !formNames.includes(forms)) {
      throw new ArgminError(
        "value/invalid",
        `A trainer's forms are one of ${formNames.join(" and ")}, not "${forms as string}".`,
      );
    }
    this.#engine = new Engine(graphPartsOf(model, options), { device, threads, forms });
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

  /** The epochs that led to the weights as they are, those before a checkpoint that was loaded included. */
  get records(): readonly EpochRecord[] {
    return this.#progress.records;
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
  async fit(examples: Examples<Output>, options: FitOptions<Output>): Promise<History> {
    checkOptions("fit", options, fitOptionNames);
    const {
      epochs,
      batchSize = 32,
      initialEpoch = 0,
      shuffle = true,
      augmentation,
      learningRate: schedule,
      callbacks = [],
      signal,
    } = options;
    checkCount(batchSize, 1, "batch size");
    checkCount(epochs, 0, "number of epochs");
    checkCount(initialEpoch, 0, "initial epoch");
    const training = this.#parse(examples, "training");
    const validation = options.validation && this.#parse(options.validation, "validation");
    const context = {
      trainer: this.#control(),
      model: this.model,
      epochs,
      stepsPerEpoch: Math.ceil(training.count / batchSize),
      earlier: this.#progress.records.filter(({ epoch }) => epoch <= initialEpoch),
      majority: this.#majority(training, validation),
    };
    const plan = {
      examples: training,
      validation,
      epochs,
      initialEpoch,
      batchSize,
      shuffle,
      augmentation,
      schedule,
      callbacks,
      signal,
    };
    return this.#exclusively(() => runFit(this.#engine, this.#progress, plan, context));
  }

  /**
   * Loss and accuracy over a set, by the weights as they are.
   *
   * @throws ArgminError `value/invalid` if the examples do not fit the model, `training/interrupted` when the signal says so.
   */
  async evaluate(examples: Examples<Output>, options: PassOptions = {}): Promise<Evaluation> {
    checkOptions("evaluate", options, passOptionNames);
    if (options.batchSize !== undefined) checkCount(options.batchSize, 1, "batch size");
    const parsed = this.#parse(examples, "evaluation");
    return this.#exclusively(() => evaluateExamples(this.#engine, parsed, options));
  }

  /**
   * The outputs of the model, `[count, unit]`, row-major: an array, or one for each output by name.
   *
   * @throws ArgminError `value/invalid` if the inputs are no whole number of examples, `training/interrupted` when the signal says so.
   */
  predict(inputs: ExampleInputs, options?: PassOptions): Promise<Predictions<Output>>;
  async predict(inputs: ExampleInputs, options: PassOptions = {}): Promise<Float32Array | Record<string, Float32Array>> {
    checkOptions("predict", options, passOptionNames);
    if (options.batchSize !== undefined) checkCount(options.batchSize, 1, "batch size");
    const parsed = parseInputs(inputs, this.model.inputShape, "prediction");
    const predictions = await this.#exclusively(() => predictInputs(this.#engine, parsed, options));
    const named = this.model.outputs.flatMap(({ name }, i) => (name === undefined ? [] : [[name, predictions[i]!] as const]));
    return named.length === 0 ? predictions[0]! : Object.fromEntries(named);
  }

  /**
   * Copies of all weights by name.
   *
   * @throws ArgminError `usage/invalid` between the steps of an epoch where they stay on a device: on WebGPU.
   */
  weights(): Weights {
    this.#engine.checkSettled();
    const { state } = this.#engine;
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
    this.#engine.checkSettled();
    const { state } = this.#engine;
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
    for (const { name } of this.model.weights) state.set(name, weights.get(name)!);
  }

  /**
   * Writes the weights to a .safetensors file, whole or not at all.
   *
   * Training goes on from a file bit for bit: from within an epoch too where a callback saved it there, whose next `fit` wants the same
   * examples and batches.
   *
   * @param options.optimizer - Keep what training needs to go on too: slots, step, epoch, seed, learning rate (default false).
   * @throws ArgminError `file/unwritable` or `file/full`.
   */
  async save(path: string, options: { readonly optimizer?: boolean } = {}): Promise<void> {
    const { rule } = this.#engine.parts;
    const { state } = this.#engine;
    await this.#engine.settle();
    const { step, epoch, learningRate, records, position } = this.#progress;
    await writeCheckpoint(path, {
      model: this.model,
      view: (weight, slot) => state.view(weight, slot),
      training: options.optimizer
        ? {
            optimizer: this.optimizer.kind,
            slots: state.keptSlots,
            units: rule.units,
            step,
            epoch,
            learningRate,
            seed: this.#seed,
            records,
            ...(position && { position: position() }),
          }
        : undefined,
    });
  }

  /**
   * Takes the weights of a file, and the state of the training if the file has it and `options.optimizer` is not false.
   *
   * @throws ArgminError `data/missing` if there is no file, `checkpoint/corrupt` if it is damaged, `model/weights` if it belongs to
   *   another model or optimizer or has no state of a training though `options.optimizer` is true, `usage/invalid` while a `fit`,
   *   `evaluate` or `predict` goes on.
   */
  async load(path: string, options: { readonly optimizer?: boolean } = {}): Promise<void> {
    await this.#exclusively(() => this.#load(path, options));
  }

  async #load(path: string, options: { readonly optimizer?: boolean }): Promise<void> {
    const { rule } = this.#engine.parts;
    const { state } = this.#engine;
    await this.#engine.settle();
    const slots =
      options.optimizer === false ? undefined : { optimizer: this.optimizer.kind, slots: state.keptSlots, units: rule.units };
    const { tensors, training } = await readCheckpoint(path, this.model, slots);
    if (training === undefined && options.optimizer === true)
      throw new ArgminError(
        "model/weights",
        `${path} has weights alone, without the state of a training that could go on; save with { optimizer: true } for that.`,
      );
    for (const { weight, slot, data } of tensors) {
      state.set(weight, data, slot);
    }
    if (training === undefined) return;
    this.#seed = training.seed;
    const { step, epoch, learningRate, records, position } = training;
    this.#progress = {
      step,
      epoch,
      learningRate,
      records,
      position: position && (() => position),
      rng: Rng.fromSeed(training.seed),
    };
  }

  /**
   * The model with its weights as an .onnx file: one input `input`, `[batch, ...]` float32, one output `output`.
   *
   * @param path - Where to write it too, whole or not at all.
   * @param options.metadata - What the file says of the model beside its graph: which epoch it is of, say.
   */
  async exportOnnx(path?: string, options: { readonly metadata?: Readonly<Record<string, string>> } = {}): Promise<Uint8Array> {
    const bytes = exportModel(this.model, this.weights(), options.metadata);
    if (path !== undefined) await writeFileAtomically(path, bytes);
    return bytes;
  }

  /** What the model costs: parameters, arithmetic and memory of a training step with batches of this size (default 32). */
  summary(batchSize = 32): ModelSummary {
    checkCount(batchSize, 1, "batch size");
    return summarize(this.#engine.parts, batchSize);
  }

  /** Frees what was compiled, after the step in flight; the trainer cannot run any more, and what still runs ends with `usage/invalid`. */
  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }

  #restart(seed: number | string): TrainingProgress {
    const rng = Rng.fromSeed(seed);
    this.#engine.state.reset(this.model, rng);
    return { step: 0, epoch: 0, learningRate: this.optimizer.learningRate, records: [], position: undefined, rng };
  }

  #parse(examples: Examples<Output>, what: string): ParsedExamples {
    return parseExamples(examples, this.model, this.#engine.parts.outputs, what);
  }

  #majority(training: ParsedExamples, validation: ParsedExamples | undefined): Majority {
    const shares = this.#engine.parts.outputs.flatMap(({ name, target }, i) => {
      const accuracy = name === undefined ? "accuracy" : `${name}Accuracy`;
      return [
        [accuracy, majorityShare(training.labels[i]!, training, target)] as const,
        [validationName(accuracy), validation && majorityShare(validation.labels[i]!, validation, target)] as const,
      ];
    });
    return Object.fromEntries(shares.flatMap(([name, share]) => (share === undefined ? [] : [[name, share]])));
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
      load: (path) => this.#load(path, { optimizer: false }),
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
