import { ArgminError } from "@argmin/base";
import type { Graph } from "../graph/graph.ts";
import { sizeOf } from "../graph/value.ts";
import type { LossForm } from "../losses/losses.ts";
import type { Device } from "../runtime/device.ts";
import { createSession, type BoundRun, type Session } from "../runtime/session.ts";
import type { ExampleValues } from "./examples.ts";
import { forwardGraph, names, trainGraph, type GraphParts, type InputType } from "./graphs.ts";
import { TrainingState } from "./training-state.ts";

/** A compiled training step for batches of one size, with its buffers: fill them, then run. */
export interface TrainStep {
  readonly input: ExampleValues;
  /** `[batch, unit]`. */
  readonly target: Float32Array;
  /** The optimizer's numbers of the step. */
  readonly scalars: Float32Array;
  readonly masks: readonly StepMask[];
  /** `[batch, unit]`: what the loss looks at, after a run. */
  readonly prediction: Float32Array;
  /** Takes the step: afterwards the state is the next one. */
  readonly run: () => Promise<void>;
}

/** The factors of one dropout layer, to be written before each step. */
export interface StepMask {
  readonly layer: string;
  readonly rate: number;
  readonly factors: Float32Array;
}

/** A compiled forward pass for batches of one size, with its buffers. */
export interface ForwardPass {
  readonly input: ExampleValues;
  /** `[batch, unit]`, after a run. */
  readonly prediction: Float32Array;
  readonly run: () => Promise<void>;
}

/** Compiles the graphs of a trainer when a batch size is first met, and keeps them. */
export class Engine {
  readonly state: TrainingState;
  readonly #parts: GraphParts;
  readonly #options: { readonly device: Device; readonly threads: number };
  readonly #steps = new Map<string, Promise<TrainStep>>();
  readonly #passes = new Map<string, Promise<ForwardPass>>();
  readonly #sessions: Promise<Session>[] = [];
  #isOpen = true;

  constructor(parts: GraphParts, options: { readonly device: Device; readonly threads: number }) {
    this.#parts = parts;
    this.#options = options;
    this.state = new TrainingState(parts.buckets, parts.rule.slots);
  }

  /** The training step for batches of this size. */
  trainStep(batch: number, inputType: InputType): Promise<TrainStep> {
    return remember(this.#steps, `${batch} ${inputType}`, async () => {
      const { model, rule } = this.#parts;
      const session = await this.#open(trainGraph(this.#parts, batch, inputType));
      const buffers = {
        input: allocateInput(inputType, batch * sizeOf(model.inputShape)),
        target: new Float32Array(batch * sizeOf(model.outputShape)),
        scalars: new Float32Array(rule.scalarCount),
        prediction: new Float32Array(batch * sizeOf(model.outputShape)),
      };
      const masks = model.calls.flatMap(({ name, plan, inputs }, call) =>
        plan.dropoutRate === 0
          ? []
          : [{ call, layer: name, rate: plan.dropoutRate, factors: new Float32Array(batch * sizeOf(inputs[0]!.shape)) }],
      );
      const run = this.#alternate((side) =>
        session.bind(
          {
            [names.input]: buffers.input,
            [names.target]: buffers.target,
            [names.scalars]: buffers.scalars,
            ...Object.fromEntries(masks.map(({ call, factors }) => [names.mask(call), factors])),
            ...this.state.feeds(side, "all"),
          },
          { [names.prediction]: buffers.prediction, ...this.state.fetches(side === 0 ? 1 : 0) },
        ),
      );
      return {
        ...buffers,
        masks,
        run: async () => {
          await run();
          this.state.swap();
        },
      };
    });
  }

  /** The forward pass for batches of this size, up to the end of the model that is asked for. */
  forward(batch: number, inputType: InputType, end: LossForm["from"]): Promise<ForwardPass> {
    return remember(this.#passes, `${batch} ${inputType} ${end}`, async () => {
      const { model } = this.#parts;
      const session = await this.#open(forwardGraph(this.#parts, batch, inputType, end));
      const input = allocateInput(inputType, batch * sizeOf(model.inputShape));
      const prediction = new Float32Array(batch * sizeOf(model.outputShape));
      const run = this.#alternate((side) =>
        session.bind({ [names.input]: input, ...this.state.feeds(side, "weights") }, { [names.prediction]: prediction }),
      );
      return { input, prediction, run };
    });
  }

  /** Frees all sessions; nothing runs afterwards. */
  async dispose(): Promise<void> {
    this.#isOpen = false;
    const sessions = await Promise.all(this.#sessions.splice(0));
    await Promise.all(sessions.map((session) => session.dispose()));
  }

  #open(graph: Graph): Promise<Session> {
    if (!this.#isOpen) {
      throw new ArgminError("model/invalid", "This trainer was disposed of and cannot run any more; compile the model again.");
    }
    const session = createSession(graph, this.#options);
    this.#sessions.push(session);
    return session;
  }

  /** Two bindings, one a side of the state, as one run that takes the current one. */
  #alternate(bind: (side: 0 | 1) => BoundRun): BoundRun {
    const runs = [bind(0), bind(1)] as const;
    return () => runs[this.state.current]();
  }
}

/** A failed compilation is not remembered. */
function remember<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}

function allocateInput(inputType: InputType, size: number): ExampleValues {
  return inputType === "uint8" ? new Uint8Array(size) : new Float32Array(size);
}
