import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { DeviceTensor } from "../runtime/device-tensor.ts";
import { createSession, type BoundRun, type Places, type Session, type SessionOptions } from "../runtime/session.ts";
import type { TrainingState } from "./training-state.ts";

/** Where the state is between steps, and how runs reach it. */
export interface StateHome {
  /** Outputs of a training step that do not leave the device. */
  readonly resident: ReadonlySet<string>;
  /** A training step: reads the state and leaves the next one. */
  readonly bindStep: (session: Session, feeds: Places, fetches: Places) => BoundRun;
  /** A forward pass of the model as it is. */
  readonly bindModel: (session: Session, feeds: Places, fetches: Places) => BoundRun;
  /** Brings the state to where the host sees it. */
  readonly settle: () => Promise<void>;
  /** Whether it is there. */
  readonly isSettled: boolean;
  readonly dispose: () => Promise<void>;
}

/** A state in the memory of this process: runs read one of its sides and write the other. */
export function hostHome(state: TrainingState): StateHome {
  return {
    resident: new Set(),
    bindStep: (session, feeds, fetches) => {
      const sides = [0, 1] as const;
      const runs = sides.map((side) =>
        session.bind({ ...feeds, ...state.feeds(side) }, { ...fetches, ...state.fetches(side === 0 ? 1 : 0) }),
      );
      return async () => {
        await runs[state.current]!();
        state.swap();
      };
    },
    bindModel: (session, feeds, fetches) => {
      const sides = [0, 1] as const;
      const runs = sides.map((side) => session.bind({ ...feeds, ...state.modelFeeds(side) }, fetches));
      return () => runs[state.current]!();
    },
    settle: async () => undefined,
    isSettled: true,
    dispose: async () => undefined,
  };
}

/**
 * A state on a device, where steps leave it: what they hand over is a batch, and what comes back its predictions. The state of this
 * process is a copy, made when it is asked for; what is written there goes to the device before the next run.
 *
 * ONNX Runtime's Node binding can neither write nor read a tensor on a device but by runs, so that is what two sessions are for
 * whose outputs are their inputs.
 */
export class DeviceHome implements StateHome {
  readonly resident: ReadonlySet<string>;
  readonly #state: TrainingState;
  readonly #options: SessionOptions;
  /** By the names under which a step is fed; each has one array of the state. */
  readonly #tensors: Readonly<Record<string, DeviceTensor>>;
  readonly #feeds: Places;
  readonly #fetches: Places;
  readonly #modelFeeds: Places;
  readonly #transfer: Graph;
  #sessions: { readonly up: Session; readonly down: Session } | undefined;
  /** Of the state here that was brought to the device last. */
  #edition: number | undefined;
  #isAhead = false;

  constructor(state: TrainingState, options: SessionOptions) {
    this.#state = state;
    this.#options = options;
    // The state here never changes sides: the other side goes unused.
    const arrays = state.feeds(state.current);
    const tensorOf = new Map(Object.values(arrays).map((array) => [array, new DeviceTensor()]));
    const onDevice = (places: Readonly<Record<string, Float32Array>>): Record<string, DeviceTensor> =>
      Object.fromEntries(Object.entries(places).map(([name, array]) => [name, tensorOf.get(array)!]));
    this.#tensors = onDevice(arrays);
    this.#feeds = this.#tensors;
    this.#fetches = onDevice(state.fetches(state.current));
    this.#modelFeeds = onDevice(state.modelFeeds(state.current));
    this.resident = new Set(Object.keys(this.#fetches));
    const builder = new GraphBuilder("state");
    for (const [name, shape] of Object.entries(state.shapes())) {
      builder.output(copyOf(name), builder.op.Identity(builder.input(name, "float32", shape)));
    }
    this.#transfer = builder.build();
  }

  bindStep(session: Session, feeds: Places, fetches: Places): BoundRun {
    const run = session.bind({ ...feeds, ...this.#feeds }, { ...fetches, ...this.#fetches });
    return async () => {
      await this.#bringUp();
      await run();
      this.#isAhead = true;
    };
  }

  bindModel(session: Session, feeds: Places, fetches: Places): BoundRun {
    const run = session.bind({ ...feeds, ...this.#modelFeeds }, fetches);
    return async () => {
      await this.#bringUp();
      await run();
    };
  }

  get isSettled(): boolean {
    return !this.#isAhead;
  }

  async settle(): Promise<void> {
    if (!this.#isAhead) return;
    const { down } = await this.#copiers();
    await down.bind(this.#tensors, copies(this.#state.feeds(this.#state.current)))();
    this.#isAhead = false;
  }

  async dispose(): Promise<void> {
    for (const tensor of Object.values(this.#tensors)) tensor.dispose();
    await this.#sessions?.up.dispose();
    await this.#sessions?.down.dispose();
  }

  async #bringUp(): Promise<void> {
    const { edition } = this.#state;
    if (edition === this.#edition) return;
    // Whatever changes the state has settled it before.
    if (this.#isAhead) throw new Error("internal: the state was changed while its device was ahead");
    const { up } = await this.#copiers();
    await up.bind(this.#state.feeds(this.#state.current), copies(this.#tensors))();
    this.#edition = edition;
  }

  async #copiers(): Promise<{ readonly up: Session; readonly down: Session }> {
    this.#sessions ??= {
      up: await createSession(this.#transfer, {
        ...this.#options,
        resident: new Set(this.#transfer.outputs.map(({ name }) => name)),
      }),
      down: await createSession(this.#transfer, this.#options),
    };
    return this.#sessions;
  }
}

function copyOf(name: string): string {
  return `copy/${name}`;
}

function copies(places: Places): Places {
  return Object.fromEntries(Object.entries(places).map(([name, place]) => [copyOf(name), place]));
}
