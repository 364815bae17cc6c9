import type { AnyModel } from "../layers/model.ts";
import { encodeModel } from "../onnx/encode.ts";
import { exportGraph } from "../training/graphs.ts";

/**
 * A model with its weights as the bytes of an .onnx file that any ONNX program opens.
 *
 * Input `input`, `[batch, ...]` float32 (pixels already divided by 255); output `output`, `[batch, unit]` after the last
 * activation; initializers under the weights' names.
 *
 * @param weights - All weights by name.
 * @param metadata - What the file says of the model, as ONNX's `metadata_props`: which epoch it is of, say.
 */
export function exportModel(
  model: AnyModel,
  weights: ReadonlyMap<string, Float32Array>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return encodeModel(exportGraph(model, 1), { weights, isBatchOpen: true, metadata });
}
