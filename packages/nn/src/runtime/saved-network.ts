import { ArgminError } from "@argmin/base";
import { Tensor, type InferenceSession } from "onnxruntime-node";
import { readModel, type OnnxShape, type ReadModel } from "../onnx/read.ts";
import { executionProvider, type Device } from "./device.ts";
import { loadModel, runtimeError } from "./session.ts";

/** An input or an output of a saved network. */
export interface SavedValue {
  readonly name: string;
  /** The elements' type in ONNX Runtime's words: `float32`, `uint8`; `other` for what is no tensor. */
  readonly type: string;
  readonly shape: OnnxShape;
}

/** Numbers and how they lie. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface OpenNetworkOptions {
  /** Where to run (default "cpu"). */
  readonly device?: Device | undefined;
  /** Threads of one operator (default 1). */
  readonly threads?: number | undefined;
}

/** A network from an .onnx file, of argmin's or another program's, ready to run. */
export class SavedNetwork {
  /** What the file says: its graph and its metadata. */
  readonly model: ReadModel;
  readonly inputs: readonly SavedValue[];
  readonly outputs: readonly SavedValue[];
  readonly #file: string;
  readonly #session: InferenceSession;
  #open = true;

  constructor(file: string, model: ReadModel, session: InferenceSession) {
    this.model = model;
    this.inputs = session.inputMetadata.map(valueOf);
    this.outputs = session.outputMetadata.map(valueOf);
    this.#file = file;
    this.#session = session;
  }

  /**
   * The outputs for an array for each of the inputs.
   *
   * @throws ArgminError `model/invalid` if ONNX Runtime refuses the inputs or the run, or an output is not of float32;
   *   `usage/invalid` after `dispose`.
   */
  async run(inputs: Readonly<Record<string, FloatTensor>>): Promise<Readonly<Record<string, FloatTensor>>> {
    if (!this.#open) throw new ArgminError("usage/invalid", `${this.#file} was disposed of and cannot run any more.`);
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { data, shape }]) => [name, new Tensor("float32", data, [...shape])]),
    );
    const results = await this.#session.run(feeds).catch((error: unknown) => {
      throw runtimeError(this.#file, error);
    });
    return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, this.#floatsOf(name, result)]));
  }

  /** Frees what ONNX Runtime holds; running afterwards is an error. */
  async dispose(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#session.release();
  }

  #floatsOf(name: string, { data, dims, type }: Tensor): FloatTensor {
    if (data instanceof Float32Array) return { data, shape: dims };
    throw new ArgminError("model/invalid", `The output ${name} of ${this.#file} is of ${type}, wanted float32; export it so.`);
  }
}

/** Nothing is known of a file's tensors: their memory is kept from run to run, but not planned in a block of its own. */
const UNKNOWN_BYTES = 2 ** 29;

/**
 * Opens the bytes of an .onnx file.
 *
 * @param file - What messages call it.
 * @throws ArgminError `model/invalid` if the bytes are no ONNX model or ONNX Runtime refuses it, `runtime/device` if the device cannot
 *   be used here.
 */
export async function openNetwork(
  bytes: Uint8Array,
  file: string,
  { device = "cpu", threads = 1 }: OpenNetworkOptions = {},
): Promise<SavedNetwork> {
  const model = readModel(bytes, file);
  const provider = await executionProvider(device);
  return new SavedNetwork(file, model, await loadModel(file, bytes, provider, { threads }, UNKNOWN_BYTES));
}

function valueOf(value: InferenceSession.ValueMetadata): SavedValue {
  const { name } = value;
  return value.isTensor ? { name, type: value.type, shape: value.shape } : { name, type: "other", shape: [] };
}
