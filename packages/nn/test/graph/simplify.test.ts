import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphBuilder, inferTypes } from "../../src/graph/builder.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import type { Operators } from "../../src/graph/operators.ts";
import { simplify } from "../../src/graph/rewrites/simplify.ts";
import { sizeOf, type Value } from "../../src/graph/value.ts";
import { gradientsOf } from "../../src/gradients/gradients-of.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { compare } from "../check-op.ts";

/** What is left of a graph of one input: its operators, after a check that the values are the same. */
function simplified(build: (op: Operators, x: Value, builder: GraphBuilder) => Value): readonly string[] {
  const builder = new GraphBuilder("simplified");
  const x = builder.input("x", "float32", [2, 3]);
  builder.output("y", build(builder.op, x, builder));
  const graph = builder.build();
  const result = simplify(graph);
  const feeds = { x: Float32Array.of(1, -2, 3, -4, 5, -6) };
  expect([...interpret(result, feeds)["y"]!]).toEqual([...interpret(graph, feeds)["y"]!]);
  checkTypes(result);
  return result.nodes.map((node) => node.op);
}

/** Every node's outputs have the types that its shape rule gives, and inputs come before uses. */
function checkTypes(graph: Graph): void {
  const known = new Set<Value>([...graph.inputs, ...graph.parameters, ...graph.constants.map(({ value }) => value)]);
  const names = new Set([...known].map(({ name }) => name));
  expect(names.size).toBe(known.size);
  for (const node of graph.nodes) {
    for (const input of node.inputs) expect(known).toContain(input);
    const types = inferNode(node);
    node.outputs.forEach((output, i) => {
      expect({ dtype: output.dtype, shape: output.shape }).toEqual(types[i]);
      known.add(output);
    });
  }
  for (const { value } of graph.outputs) expect(known).toContain(value);
}

function inferNode(node: Node) {
  return inferTypes(node.op, node.name, node.inputs, node.attributes).map(({ dtype, shape }) => ({ dtype, shape }));
}

describe("simplify", () => {
  it("folds what depends on constants alone", () => {
    expect(simplified((op, x, b) => op.Mul(x, op.Sqrt(op.Add(b.constant([4, 9, 16]), b.constant(0)))))).toEqual(["Mul"]);
  });

  it("does not fold what would make the model large", () => {
    expect(simplified((op, x, b) => op.Add(x, op.ReduceSum(op.Expand(b.constant(1), [200, 100]))))).toEqual([
      "Expand",
      "ReduceSum",
      "Add",
    ]);
  });

  it("computes equal things once", () => {
    expect(simplified((op, x) => op.Mul(op.Exp(x), op.Exp(x)))).toEqual(["Exp", "Mul"]);
    expect(simplified((op, x) => op.Add(op.LeakyRelu(x, 0.1), op.LeakyRelu(x, 0.2)))).toHaveLength(3);
    expect(simplified((op, x) => op.Sub(op.Clip(x, -Infinity, 1), op.Clip(x, 1, Infinity)))).toHaveLength(3);
  });

  it("drops nodes that do nothing", () => {
    const idle = simplified((op, x) => {
      let y = op.Reshape(op.Identity(x), [2, 3]);
      y = op.Add(op.Mul(1, op.Div(op.Sub(y, 0), 1)), 0);
      y = op.Transpose(op.Expand(op.Pow(y, 1), [2, 3]), [0, 1]);
      y = op.Slice(op.Pad(y, [0, 0, 0, 0]), [0, 0], [2, 3]);
      return op.Neg(op.Concat(op.Split(op.ReduceSum(y, { axes: [] }), [3], 1), 0));
    });
    expect(idle).toEqual(["Neg"]);
  });

  it("keeps a neutral operand that gives the result its shape", () => {
    expect(simplified((op, x, b) => op.Mul(op.ReduceSum(x), b.constant([1, 1], { shape: [2] })))).toEqual(["ReduceSum", "Mul"]);
    expect(simplified((op, x, b) => op.Add(op.ReduceSum(x), b.constant([0], { shape: [1] })))).toEqual(["ReduceSum", "Add"]);
  });

  it("merges reshapes, transpositions, factors and negations", () => {
    expect(simplified((op, x) => op.Reshape(op.Reshape(x, [6]), [3, 2]))).toEqual(["Reshape"]);
    expect(simplified((op, x) => op.Transpose(op.Transpose(x)))).toEqual([]);
    expect(simplified((op, x) => op.Transpose(op.Reshape(x, [1, 6])))).toEqual(["Reshape"]);
    expect(simplified((op, x) => op.Mul(2, op.Mul(x, 4)))).toEqual(["Mul"]);
    expect(simplified((op, x) => op.Add(op.Neg(op.Exp(x)), x))).toEqual(["Exp", "Sub"]);
    expect(simplified((op, x) => op.Add(x, op.Neg(op.Exp(x))))).toEqual(["Exp", "Sub"]);
  });

  it("lets operators broadcast by themselves", () => {
    expect(simplified((op, x) => op.Mul(op.Expand(op.ReduceMax(x), [2, 3]), x))).toEqual(["ReduceMax", "Mul"]);
    expect(simplified((op, x) => op.Sub(x, op.Expand(op.ReduceMax(x, { axes: [0] }), [2, 3])))).toEqual(["ReduceMax", "Sub"]);
    const needed = simplified((op, x) => op.Add(op.Expand(op.ReduceMax(x), [4]), 1));
    expect(needed).toEqual(["ReduceMax", "Expand", "Add"]);
  });

  it("drops what no output needs, but no input and no parameter", () => {
    const builder = new GraphBuilder("dead");
    const x = builder.input("x", "float32", [2]);
    const w = builder.parameter("w", [2]);
    builder.op.Mul(w, 7);
    builder.output("y", builder.op.Neg(x));
    const graph = simplify(builder.build());
    expect(graph.nodes).toHaveLength(1);
    expect(graph.constants).toHaveLength(0);
    expect(graph.inputs).toEqual([x]);
    expect(graph.parameters).toHaveLength(1);
  });

  it("keeps the values, forward and backward, of random graphs", () => {
    fc.assert(
      fc.property(randomGraph, fc.integer(), (build, salt) => {
        const graph = build();
        const result = simplify(graph);
        checkTypes(result);
        const feeds = Object.fromEntries(
          graph.inputs.map(({ name, shape }, i) => [
            name,
            Float32Array.from({ length: sizeOf(shape) }, (_, j) => Math.sin(salt + 7 * i + j) * 1.5),
          ]),
        );
        const wanted = interpret(graph, feeds);
        const got = interpret(result, feeds);
        for (const [name, values] of Object.entries(wanted)) compare(name, got[name]!, values, 1e-6, 1e-6);
        expect(result.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
      }),
      { numRuns: 150 },
    );
  });
});

/** A step takes two of the values so far, picked by numbers, and adds one. */
const steps: readonly ((op: Operators, a: Value, b: Value) => Value)[] = [
  (op, a, b) => op.Add(a, b),
  (op, a, b) => op.Mul(a, b),
  (op, a, b) => op.Sub(a, op.Neg(b)),
  (op, a) => op.Mul(op.Mul(a, 0.5), 3),
  (op, a) => op.Tanh(a),
  (op, a) => op.Add(op.Mul(a, 1), 0),
  (op, a) => op.Reshape(op.Reshape(a, [6]), [2, 3]),
  (op, a) => op.Transpose(op.Tanh(op.Transpose(a))),
  (op, a) => op.Reshape(op.Transpose(op.Reshape(a, [2, 1, 3]), [1, 0, 2]), [2, 3]),
  (op, a) => op.Expand(op.ReduceMean(a, { axes: [1], keepdims: true }), [2, 3]),
  (op, a) => op.Concat(op.Split(a, [1, 2], 1).toReversed(), 1),
  (op, a) => op.Slice(op.Pad(a, [0, 1, 0, 1]), [0, 0], [2, 5], [1, 2]),
  (op, a, b) => op.Where(op.Greater(a, 0.3), b, 0),
  (op, a) => op.MatMul(op.MatMul(a, op.Transpose(a)), a),
  (op) => op.Expand(op.Reshape(op.Add(1, 2), [1, 1]), [2, 3]),
];

const randomGraph = fc
  .array(fc.tuple(fc.nat(steps.length - 1), fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 })
  .map((picks) => (): Graph => {
    const builder = new GraphBuilder("random");
    const values = [0, 1].map((i) => builder.input(`x${i}`, "float32", [2, 3]));
    for (const [step, a, b] of picks) {
      // Kept small, so that no value runs out of range.
      const value = steps[step]!(builder.op, values[a % values.length]!, values[b % values.length]!);
      values.push(builder.op.Softsign(value));
    }
    const loss = builder.op.ReduceSum(values.at(-1)!);
    builder.output("loss", loss);
    gradientsOf(builder, loss, values.slice(0, 2)).forEach((gradient, i) => builder.output(`d${i}`, gradient));
    return builder.build();
  });
