import "./quiet.ts";
import { ArgminError, messageOf } from "@argmin/base";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { encodeModel, type EncodeOptions } from "../onnx/encode.ts";
import type { Graph } from "../graph/graph.ts";
import { largestLiveBytes } from "../graph/live-bytes.ts";
import { portable } from "../graph/rewrites/portable.ts";
import { allocate, sizeOf, type TensorData, type TensorType } from "../graph/value.ts";
import { describeType } from "../graph/shapes.ts";
import { executionProvider, oneLine, type Device, type Provider } from "./device.ts";
import { DeviceTensor } from "./device-tensor.ts";

export interface SessionOptions extends EncodeOptions {
  /** Where to run (default "cpu"). */
  readonly device?: Device;
  /** Threads of one operator (default 1). */
  readonly threads?: number;
  /** Outputs that stay on the device, in a `DeviceTensor` each: on WebGPU only, where all outputs are then to be fetched. */
  readonly resident?: ReadonlySet<string>;
}

/** Arrays by the name of the input or output they belong to. */
export type Arrays = Readonly<Record<string, TensorData>>;

/** Arrays, and tensors on the session's device, by the name of the input or output. */
export type Places = Readonly<Record<string, TensorData | DeviceTensor>>;

/** One way of running a session, over arrays chosen beforehand: call it as often as wanted. */
export type BoundRun = () => Promise<void>;

/**
 * A graph loaded into ONNX Runtime.
 *
 * Inputs are the graph's inputs and then its parameters (unless weights were built in); outputs are the graph's.
 */
export class Session {
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, TensorType>;
  readonly #name: string;
  readonly #session: InferenceSession;
  readonly #resident: ReadonlySet<string>;
  #open = true;

  constructor(
    name: string,
    session: InferenceSession,
    inputs: ReadonlyMap<string, TensorType>,
    outputs: ReadonlyMap<string, TensorType>,
    resident: ReadonlySet<string>,
  ) {
    this.#name = name;
    this.#session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#resident = resident;
  }

  /**
   * Prepares runs that read `feeds` and write `fetches` in place, with nothing allocated at each run.
   *
   * For a training step bind twice, with the two buffers of the state changing places.
   *
   * @param fetches - Arrays for some of the outputs or all; the others are not computed if nothing needs them.
   * @throws ArgminError `graph/shape` if an array is missing, unknown, of the wrong type or size, or both fed and fetched.
   */
  bind(feeds: Places, fetches: Places): BoundRun {
    const fed = divide(feeds);
    const fetched = divide(fetches);
    const feedTensors = tensorsOf(this.#name, "input", this.inputs, fed.arrays);
    const fetchTensors = tensorsOf(this.#name, "output", this.outputs, fetched.arrays);
    for (const name of this.inputs.keys()) {
      if (Object.hasOwn(feeds, name)) continue;
      throw new ArgminError("graph/shape", `${this.#name} wants an array for its input ${name}.`);
    }
    for (const [name, data] of Object.entries(fetched.arrays)) {
      if (!Object.values(feeds).includes(data)) continue;
      throw new ArgminError(
        "graph/shape",
        `The output ${name} of ${this.#name} shares its array with an input; give it another.`,
      );
    }
    const wanted = [...this.outputs.keys()].filter((name) => this.#resident.size > 0 || Object.hasOwn(fetches, name));
    const isDivided = wanted.every((name) => this.#resident.has(name) === fetches[name] instanceof DeviceTensor);
    if (!isDivided || wanted.length !== Object.keys(fetches).length) {
      throw new Error(`internal: ${this.#name} keeps ${[...this.#resident].join(", ")} on its device, and no other output`);
    }
    return async () => {
      if (!this.#open) throw new ArgminError("usage/invalid", `${this.#name} was disposed of and cannot run any more.`);
      const onDevice = Object.fromEntries(Object.entries(fed.tensors).map(([name, tensor]) => [name, tensor.current]));
      try {
        if (this.#resident.size === 0) {
          await this.#session.run({ ...feedTensors, ...onDevice }, fetchTensors);
          return;
        }
        // Beside outputs that stay on the device the binding writes into no array that is there already.
        const results = await this.#session.run({ ...feedTensors, ...onDevice });
        for (const [name, data] of Object.entries(fetched.arrays)) copy(results[name]!.data, data);
        for (const [name, tensor] of Object.entries(fetched.tensors)) tensor.replace(results[name]!);
      } catch (error) {
        throw runtimeError(this.#name, error);
      }
    };
  }

  /** Runs once into new arrays; a training loop should `bind`. */
  async run(feeds: Arrays): Promise<Readonly<Record<string, TensorData>>> {
    const fetches = Object.fromEntries([...this.outputs].map(([name, type]) => [name, allocate(type)]));
    await this.bind(feeds, fetches)();
    return fetches;
  }

  /** Frees what ONNX Runtime holds; running afterwards is an error. */
  async dispose(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#session.release();
  }
}

/**
 * Loads a graph.
 *
 * @throws ArgminError `runtime/device` if the device cannot be used here, `model/invalid`, naming the node where there is one, if
 *   ONNX Runtime refuses the model.
 */
export async function createSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
  const inputs = new Map<string, TensorType>(graph.inputs.map((value) => [value.name, value]));
  if (options.weights === undefined) for (const value of graph.parameters) inputs.set(value.name, value);
  const outputs = new Map<string, TensorType>(graph.outputs.map(({ name, value }) => [name, value]));
  const bytes = largestLiveBytes(graph);
  const provider = await executionProvider(options.device ?? "cpu");
  const model = encodeModel(provider === "webgpu" ? portable(graph) : graph, options);
  const session = await loadModel(graph.name, model, provider, options, bytes);
  return new Session(graph.name, session, inputs, outputs, options.resident ?? new Set());
}

/**
 * ONNX Runtime plans the memory of a run as one block, beside that of its first run: a step of 8 small images is a tenth faster for
 * it, but twice the memory is held, which matters where it is much.
 */
const MOST_PLANNED_BYTES = 2 ** 25;

/**
 * ONNX Runtime keeps what it once took from the system, and large tensors fit together badly in it: twice what is alive at a time
 * where that is 2 GB, and as much again for a last batch of another size. Taken anew for each tensor and given back, as PyTorch has
 * it, it costs a fifth of the time of such steps.
 */
const MOST_ARENA_BYTES = 2 ** 30;

/** @param bytes - What the tensors that are alive at a time take in a run. */
export async function loadModel(
  name: string,
  model: Uint8Array,
  provider: Provider,
  { threads = 1, resident }: SessionOptions,
  bytes: number,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      enableMemPattern: bytes <= MOST_PLANNED_BYTES,
      enableCpuMemArena: bytes <= MOST_ARENA_BYTES,
      logSeverityLevel: 4,
      ...(resident && resident.size > 0 && { preferredOutputLocation: locations(resident) }),
      // Waiting threads would otherwise turn in circles and take the cores from other trials; and scaled bytes would be
      // scaled back and forth around every node that moves them.
      extra: { session: { intra_op: { allow_spinning: "0" }, disable_quant_qdq: "1" } },
    });
  } catch (error) {
    throw runtimeError(name, error);
  }
}

function locations(resident: ReadonlySet<string>): Readonly<Record<string, "gpu-buffer">> {
  return Object.fromEntries([...resident].map((name) => [name, "gpu-buffer"]));
}

function divide(places: Places): { readonly arrays: Arrays; readonly tensors: Readonly<Record<string, DeviceTensor>> } {
  const arrays: Record<string, TensorData> = {};
  const tensors: Record<string, DeviceTensor> = {};
  for (const [name, place] of Object.entries(places)) {
    if (place instanceof DeviceTensor) tensors[name] = place;
    else arrays[name] = place;
  }
  return { arrays, tensors };
}

function copy(from: Tensor.DataType, to: TensorData): void {
  if (from instanceof BigInt64Array && to instanceof BigInt64Array) to.set(from);
  else if (from instanceof Float32Array && to instanceof Float32Array) to.set(from);
  else if (from instanceof Int32Array && to instanceof Int32Array) to.set(from);
  else if (from instanceof Uint8Array && to instanceof Uint8Array) to.set(from);
  else throw new Error("internal: an output of another type than its array");
}

function tensorsOf(graph: string, what: string, types: ReadonlyMap<string, TensorType>, arrays: Arrays): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => {
      const type = types.get(name);
      if (type === undefined) {
        throw new ArgminError("graph/shape", `${graph} has no ${what} named ${name}; it has ${[...types.keys()].join(", ")}.`);
      }
      if (data.length !== sizeOf(type.shape) || data.constructor !== allocate({ ...type, shape: [0] }).constructor) {
        throw new ArgminError(
          "graph/shape",
          `The ${what} ${name} of ${graph} is ${describeType(type)}: a ${allocate({ ...type, shape: [0] }).constructor.name} of ${sizeOf(type.shape)}, not a ${data.constructor.name} of ${data.length}.`,
        );
      }
      return [name, new Tensor(type.dtype, data, [...type.shape])];
    }),
  );
}

/** What ONNX Runtime says of a failure, and at which node, which it writes in several ways. */
export function runtimeError(graph: string, error: unknown): ArgminError {
  const message = oneLine(messageOf(error));
  const node = /(?:Name:|with name )'([^']+)'/.exec(message)?.[1] ?? /[Nn]ode \(([^)]+)\)/.exec(message)?.[1];
  const place = node === undefined ? graph : `the node ${node} of ${graph}`;
  return new ArgminError("model/invalid", `ONNX Runtime refused ${place}: ${message}.`, { cause: error });
}
