import { Rng } from "@argmin/base";
import { GraphBuilder } from "../src/graph/builder.ts";
import type { OpType } from "../src/graph/op.ts";
import type { Operators } from "../src/graph/operators.ts";
import { allocate, sizeOf, type DataType, type Shape, type TensorData, type Value } from "../src/graph/value.ts";
import { gradientsOf } from "../src/gradients/gradients-of.ts";
import { interpret } from "../src/interpreter/interpret.ts";
import { createSession } from "../src/runtime/session.ts";

/** An input of a case: a shape and where its elements come from. */
export interface CaseInput {
  readonly shape: Shape;
  readonly dtype: DataType;
  /** Elements, at least 1e-3 away from where the operator has a kink. */
  readonly elements: (rng: Rng, count: number) => readonly number[];
}

/** One way of using an operator. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  readonly apply: (op: Operators, inputs: readonly Value[], builder: GraphBuilder) => Value | readonly Value[];
}

/**
 * Checks an operator on each case four ways: ONNX Runtime against the float64 interpreter, forward and backward, and the gradients
 * against central differences of the interpreter along random directions. The gradient is that of a randomly weighted sum of all
 * float outputs, to all float inputs; an operator through which none flows must give zeros.
 *
 * @throws Error naming the case and the first number that is off.
 */
export async function checkOp(op: OpType, cases: readonly OpCase[]): Promise<void> {
  if (cases.length === 0) throw new Error(`${op} has no case`);
  for (const [i, one] of cases.entries()) await checkCase(op, one, Rng.fromSeed("check-op").split(op, i));
}

async function checkCase(op: OpType, { name, inputs, apply }: OpCase, rng: Rng): Promise<void> {
  const label = `${op}, ${name}`;
  const builder = new GraphBuilder(label);
  const values = inputs.map(({ dtype, shape }, i) => builder.input(`x${i}`, dtype, shape));
  const result = apply(builder.op, values, builder);
  if (!builder.nodes.some((node) => node.op === op)) throw new Error(`${label}: the case does not use the operator`);
  const outputs = "name" in result ? [result] : result;
  outputs.forEach((output, i) => builder.output(`y${i}`, output));

  const feeds: Record<string, TensorData> = {};
  inputs.forEach((input, i) => {
    feeds[`x${i}`] = toData(input, input.elements(rng, sizeOf(input.shape)));
  });
  const targets = values.filter(({ dtype }) => dtype === "float32");
  const loss = weightedSum(builder, outputs, feeds, rng);
  if (loss !== undefined) {
    builder.output("loss", loss);
    gradientsOf(builder, loss, targets).forEach((gradient, i) => builder.output(`d ${targets[i]!.name}`, gradient));
  }

  const graph = builder.build();
  const wanted = interpret(graph, feeds);
  if (loss !== undefined) checkDirections(label, builder, targets, feeds, wanted, rng);
  const session = await createSession(graph);
  try {
    const got = await session.run(feeds);
    for (const [output, expected] of Object.entries(wanted)) {
      compare(`${label}: ${output} from ONNX Runtime`, Float64Array.from(got[output]!, Number), expected, 1e-4, 1e-5);
    }
  } finally {
    await session.dispose();
  }
}

/** Σ r y over all float outputs, with r fed as further inputs. */
function weightedSum(
  builder: GraphBuilder,
  outputs: readonly Value[],
  feeds: Record<string, TensorData>,
  rng: Rng,
): Value | undefined {
  const { op } = builder;
  const sums = outputs.flatMap((output, i) => {
    if (output.dtype !== "float32") return [];
    const weights = builder.input(`r${i}`, "float32", output.shape);
    feeds[`r${i}`] = Float32Array.from({ length: sizeOf(output.shape) }, () => rng.uniform(-1, 1));
    return [op.ReduceSum(op.Mul(output, weights))];
  });
  return sums.length === 0 ? undefined : sums.reduce((a, b) => op.Add(a, b));
}

const STEP = 1e-5;

/** |g·v - (f(x + hv) - f(x - hv)) / 2h| must be small, for three random directions v over all inputs at once. */
function checkDirections(
  label: string,
  builder: GraphBuilder,
  targets: readonly Value[],
  feeds: Readonly<Record<string, TensorData>>,
  wanted: Readonly<Record<string, Float64Array>>,
  rng: Rng,
): void {
  const graph = builder.build();
  const forward = { ...graph, outputs: graph.outputs.filter(({ name }) => name === "loss") };
  for (let attempt = 0; attempt < 3; attempt++) {
    const directions = targets.map(({ shape }) => Float64Array.from({ length: sizeOf(shape) }, () => rng.uniform(-1, 1)));
    const lossAt = (step: number): number => {
      const moved = targets.map(({ name }, i) => [
        name,
        Float64Array.from(feeds[name]!, Number).map((x, j) => x + step * directions[i]![j]!),
      ]);
      return interpret(forward, { ...feeds, ...Object.fromEntries(moved) })["loss"]![0]!;
    };
    const difference = (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
    const slope = targets.reduce(
      (sum, { name }, i) => sum + wanted[`d ${name}`]!.reduce((dot, g, j) => dot + g * directions[i]![j]!, 0),
      0,
    );
    compare(`${label}: the slope along a direction`, Float64Array.of(slope), Float64Array.of(difference), 1e-6, 1e-7);
  }
}

/** @throws Error if an element is further from what is wanted than `relative` of it plus `absolute`. */
export function compare(what: string, got: Float64Array, wanted: Float64Array, relative: number, absolute: number): void {
  if (got.length !== wanted.length) throw new Error(`${what} has ${got.length} elements, wanted ${wanted.length}`);
  wanted.forEach((x, i) => {
    const isClose = Object.is(got[i], x) || Math.abs(got[i]! - x) <= absolute + relative * Math.abs(x);
    if (!isClose) throw new Error(`${what} is ${got[i]} at ${i}, wanted ${x}`);
  });
}

function toData(type: { readonly dtype: DataType; readonly shape: Shape }, elements: readonly number[]): TensorData {
  const data = allocate(type);
  if (data instanceof BigInt64Array) data.set(elements.map(BigInt));
  else data.set(elements);
  return data;
}
