import { ArgminError } from "@argmin/base";
import type { Graph } from "../graph/graph.ts";
import { sizeOf } from "../graph/value.ts";
import type { LossForm } from "../losses/losses.ts";
import type { Forms, Target } from "../graph/target.ts";
import { executionProvider, targetOf, type Device } from "../runtime/device.ts";
import { createSession, type BoundRun, type Session } from "../runtime/session.ts";
import type { ExampleValues } from "./examples.ts";
import { forwardGraph, names, trainGraph, type GraphParts, type InputType } from "./graphs.ts";
import { SessionCache } from "./session-cache.ts";
import { DeviceHome, hostHome, type StateHome } from "./state-home.ts";
import { TrainingState } from "./training-state.ts";

/** A compiled training step for batches of one size, with its buffers: fill them, then run. */
export interface TrainStep {
  readonly input: ExampleValues;
  /** One an output of the model. */
  readonly targets: readonly Float32Array[];
  /** The optimizer's numbers of the step. */
  readonly scalars: Float32Array;
  readonly masks: readonly StepMask[];
  /** One an output, `[batch, unit]`: what its loss looks at, after a run. */
  readonly predictions: readonly Float32Array[];
  /** What regularizers added to the loss, after a run: one number, or none where nothing is regularized. */
  readonly penalty: Float32Array;
  /** Takes the step: afterwards the state is the next one. */
  readonly run: () => Promise<void>;
}

/** The random bytes of one call of a dropout layer, to be written before each step. */
export interface StepMask {
  readonly layer: string;
  /** Which call of the layer it is, from 0. */
  readonly use: number;
  /** Four bytes a word, as many words as hold one byte an element. */
  readonly words: Uint32Array;
}

/** A compiled forward pass for batches of one size, with its buffers. */
export interface ForwardPass {
  readonly input: ExampleValues;
  /** One an output of the model, `[batch, unit]`, after a run. */
  readonly predictions: readonly Float32Array[];
  readonly run: () => Promise<void>;
}

/** Sessions of each kind that are kept. A `fit` uses two training steps and a forward pass; folds of two sizes use three and one. */
const KEPT_SESSIONS = 4;

export interface EngineOptions {
  readonly device: Device;
  readonly threads: number;
  /** Default: what the device's target says. */
  readonly forms?: Forms | undefined;
}

/** What depends on the device, which is not known before it was tried. */
interface Site {
  readonly target: Target;
  readonly home: StateHome;
}

/** Compiles the graphs of a trainer when a batch size is first met, and keeps those used last. */
export class Engine {
  readonly state: TrainingState;
  /** What its graphs are built from. */
  readonly parts: GraphParts;
  readonly #options: EngineOptions;
  readonly #steps = new SessionCache<TrainStep>(KEPT_SESSIONS);
  readonly #passes = new SessionCache<ForwardPass>(KEPT_SESSIONS);
  #running: Promise<void> | undefined;
  #site: Site | undefined;
  #isOpen = true;

  constructor(parts: GraphParts, options: EngineOptions) {
    this.parts = parts;
    this.#options = options;
    this.state = new TrainingState(parts.buckets, parts.rule.slots, parts.rule.modelSlot);
  }

  /** The training step for batches of this size, good until three others were asked for. */
  trainStep(batch: number, inputType: InputType): Promise<TrainStep> {
    return this.#steps.get(`${batch} ${inputType}`, async () => {
      const { model, outputs, rule } = this.parts;
      const { target, home } = await this.#found();
      const graph = trainGraph(this.parts, batch, inputType, target);
      const session = await this.#open(graph, home.resident);
      const hasPenalty = graph.outputs.some(({ name }) => name === names.penalty);
      const buffers = {
        input: allocateInput(inputType, batch * sizeOf(model.inputShape)),
        targets: outputs.map(({ target }) => new Float32Array(batch * target.units)),
        scalars: new Float32Array(rule.scalarCount),
        predictions: outputs.map(({ target }) => new Float32Array(batch * target.units)),
        penalty: new Float32Array(hasPenalty ? 1 : 0),
      };
      const masks = model.calls.flatMap(({ name, plan, inputs }, call) =>
        plan.dropoutRate === 0
          ? []
          : [
              {
                call,
                layer: name,
                use: model.calls.slice(0, call).filter((other) => other.name === name).length,
                words: new Uint32Array(Math.ceil((batch * sizeOf(inputs[0]!.shape)) / 4)),
                size: batch * sizeOf(inputs[0]!.shape),
              },
            ],
      );
      const run = home.bindStep(
        session,
        {
          [names.input]: buffers.input,
          ...Object.fromEntries(outputs.map((output, i) => [names.target(output), buffers.targets[i]!])),
          [names.scalars]: buffers.scalars,
          ...Object.fromEntries(masks.map(({ call, words, size }) => [names.mask(call), new Uint8Array(words.buffer, 0, size)])),
        },
        {
          ...Object.fromEntries(outputs.map((output, i) => [names.prediction(output), buffers.predictions[i]!])),
          ...(hasPenalty && { [names.penalty]: buffers.penalty }),
        },
      );
      return { session, use: { ...buffers, masks, run: () => this.#run(run) } };
    });
  }

  /**
   * The forward pass for batches of this size, up to the model's outputs or to what their losses look at; good until three others
   * were asked for.
   */
  forward(batch: number, inputType: InputType, end: "outputs" | "losses"): Promise<ForwardPass> {
    const { model, outputs } = this.parts;
    const ends = outputs.map(({ loss }): LossForm["from"] => (end === "outputs" ? "output" : loss.from));
    return this.#passes.get(`${batch} ${inputType} ${ends.join()}`, async () => {
      const { target, home } = await this.#found();
      const session = await this.#open(forwardGraph(this.parts, batch, inputType, ends, target));
      const input = allocateInput(inputType, batch * sizeOf(model.inputShape));
      const predictions = outputs.map(({ target }) => new Float32Array(batch * target.units));
      const fetches = Object.fromEntries(outputs.map((output, i) => [names.prediction(output), predictions[i]!]));
      const run = home.bindModel(session, { [names.input]: input }, fetches);
      return { session, use: { input, predictions, run: () => this.#run(run) } };
    });
  }

  /** Brings the state to where it can be read, if it is elsewhere. */
  async settle(): Promise<void> {
    if (this.#isOpen) await this.#site?.home.settle();
  }

  /** @throws ArgminError `usage/invalid` if the state is on a device and was not settled. */
  checkSettled(): void {
    if (this.#site?.home.isSettled ?? true) return;
    throw new ArgminError(
      "usage/invalid",
      "Between two steps the weights are on the device; read or set them at an epoch's end, or save them, which waits for them.",
    );
  }

  /** Waits for what runs, then frees all sessions; nothing runs afterwards. */
  async dispose(): Promise<void> {
    this.#isOpen = false;
    // Whoever runs it hears of its failure.
    await this.#running?.catch(() => undefined);
    await Promise.all([this.#steps.dispose(), this.#passes.dispose()]);
    await this.#site?.home.dispose();
  }

  async #found(): Promise<Site> {
    if (this.#site !== undefined) return this.#site;
    const { device, threads, forms } = this.#options;
    const provider = await executionProvider(device);
    const target = targetOf(provider);
    // WebGPU's are the only tensors that ONNX Runtime's Node binding leaves on a device.
    const home = provider === "webgpu" ? new DeviceHome(this.state, { device: provider, threads }) : hostHome(this.state);
    this.#site ??= { target: { ...target, forms: forms ?? target.forms }, home };
    return this.#site;
  }

  async #open(graph: Graph, resident: ReadonlySet<string> = new Set()): Promise<Session> {
    this.#checkOpen();
    return createSession(graph, { ...this.#options, resident });
  }

  async #run(work: BoundRun): Promise<void> {
    this.#checkOpen();
    this.#running = work();
    await this.#running;
  }

  #checkOpen(): void {
    if (this.#isOpen) return;
    throw new ArgminError("usage/invalid", "This trainer was disposed of and cannot run any more; compile the model again.");
  }
}

function allocateInput(inputType: InputType, size: number): ExampleValues {
  return inputType === "uint8" ? new Uint8Array(size) : new Float32Array(size);
}
