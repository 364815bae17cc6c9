import { evaluate } from "../../interpreter/interpret.ts";
import { tensor64, toFloat64 } from "../../interpreter/tensor.ts";
import { allocate, sizeOf, type TensorData, type TensorType } from "../value.ts";
import type { Rewrite } from "./rewrite.ts";

/** Larger results are worked out at each run: a model should not carry them about. */
const LARGEST_CONSTANT = 16_384;

/** Works out, in float64, what depends on constants alone. */
export const foldConstants: Rewrite = (node, { constantOf, constant }) => {
  const [output, ...others] = node.outputs;
  if (others.length > 0 || node.inputs.length === 0 || sizeOf(output.shape) > LARGEST_CONSTANT) return undefined;
  const inputs = node.inputs.map(constantOf);
  if (!inputs.every((input) => input !== undefined)) return undefined;
  const [result] = evaluate(
    node,
    inputs.map(({ value, data }) => tensor64(value.shape, toFloat64(data))),
  );
  if (result === undefined) throw new Error(`internal: ${node.name} has no result`);
  return { value: constant(node.name, output, fromFloat64(output, result.data)) };
};

function fromFloat64(type: TensorType, data: Float64Array): TensorData {
  const array = allocate(type);
  if (array instanceof BigInt64Array) array.set(Array.from(data, BigInt));
  else array.set(data);
  return array;
}
