import { ArgminError } from "@argmin/base";
import type { Graph } from "../graph/graph.ts";
import { largestLiveBytes } from "../graph/live-bytes.ts";
import { sizeOf } from "../graph/value.ts";
import { executionProvider, targetOf, type Device } from "../runtime/device.ts";
import { createSession, type BoundRun, type Session } from "../runtime/session.ts";
import { names, responseGraph } from "./graph.ts";
import { layerOf, type TrainedNetwork } from "./network.ts";

export interface ResponseOptions {
  /** Whose output is looked at, after its activation. Of a layer that is called several times it is the last call. */
  readonly layer: string;
  /** The most inputs that are looked at in one run. */
  readonly batch: number;
  /**
   * How much of what channels say below 0 counts, from 0 to 1; default 1, all of it. With less the dark stripes of an image do not
   * cancel out its bright ones in a layer that passes negative numbers.
   */
  readonly negativeShare?: number;
  /** The most bytes of tensors that a run may hold: the batch is made smaller for it, down to 1. Default 512 MiB. */
  readonly memoryBytes?: number;
  /** Default "cpu". */
  readonly device?: Device;
  /** Threads of one operator (default 1). */
  readonly threads?: number;
}

/** As long as no more is alive at a time, ONNX Runtime keeps it between runs, which is faster than to take it anew. */
const USUAL_MEMORY = 2 ** 29;

/**
 * How the channels of one layer respond to inputs, and the gradients of that to the inputs, in one compiled graph. Fill `input` and
 * `selection`, then `run`. Made by `compileResponses`; `dispose` frees what it holds.
 */
export class Responses {
  readonly layer: string;
  /** How many channels (or units) the layer's output has. */
  readonly channels: number;
  /** How many inputs a run looks at. */
  readonly batch: number;
  /** `[batch, ...inputShape]`. */
  readonly input: Float32Array;
  /** `[batch, channel]`: how much each channel counts for each input; one 1 among zeros picks a channel. */
  readonly selection: Float32Array;
  /** `[batch]`, after a run: the sum over channels of how much they count times the mean of what counts over all places. */
  readonly response: Float32Array;
  /** `[batch, ...inputShape]`, after a run: of each response to its own input. */
  readonly gradient: Float32Array;
  readonly #session: Session;
  readonly #run: BoundRun;

  constructor(layer: string, graph: Graph, session: Session) {
    const arrays = {
      input: arrayOf(graph.inputs, names.input),
      selection: arrayOf(graph.inputs, names.selection),
      response: arrayOf(graph.outputs, names.response),
      gradient: arrayOf(graph.outputs, names.gradient),
    };
    this.layer = layer;
    this.batch = arrays.response.length;
    this.channels = arrays.selection.length / this.batch;
    this.input = arrays.input;
    this.selection = arrays.selection;
    this.response = arrays.response;
    this.gradient = arrays.gradient;
    this.#session = session;
    this.#run = session.bind(
      { [names.input]: arrays.input, [names.selection]: arrays.selection },
      { [names.response]: arrays.response, [names.gradient]: arrays.gradient },
    );
  }

  /** Works out `response` and `gradient`. @throws ArgminError `usage/invalid` after `dispose`. */
  run(): Promise<void> {
    return this.#run();
  }

  /** Frees what was compiled. */
  dispose(): Promise<void> {
    return this.#session.dispose();
  }
}

/**
 * Compiles the responses of a layer of a trained network; what lies behind the layer is left out.
 *
 * @throws ArgminError `model/invalid`, naming the layers there are, if there is none of that name, `value/invalid` for a batch below
 *   1 or a share outside 0 to 1, `runtime/device` if the device cannot be used here.
 */
export async function compileResponses(
  network: TrainedNetwork,
  { layer, batch, negativeShare = 1, memoryBytes = USUAL_MEMORY, device = "cpu", threads = 1 }: ResponseOptions,
): Promise<Responses> {
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new ArgminError("value/invalid", `The batch must be a positive whole number, not ${batch}.`);
  if (!(negativeShare >= 0 && negativeShare <= 1))
    throw new ArgminError("value/invalid", `What is below 0 may count from 0 to 1, not ${negativeShare}.`);
  layerOf(network, layer);
  const target = targetOf(await executionProvider(device));
  let graph = responseGraph(network, { layer, batch, negativeShare }, target);
  const fitting = Math.max(1, Math.floor((batch * memoryBytes) / largestLiveBytes(graph)));
  if (fitting < batch) graph = responseGraph(network, { layer, batch: fitting, negativeShare }, target);
  return new Responses(layer, graph, await createSession(graph, { weights: network.weights, device, threads }));
}

function arrayOf(values: Graph["inputs"] | Graph["outputs"], wanted: string): Float32Array {
  for (const value of values) {
    if (value.name === wanted) return new Float32Array(sizeOf("value" in value ? value.value.shape : value.shape));
  }
  throw new Error(`internal: no ${wanted}`);
}
