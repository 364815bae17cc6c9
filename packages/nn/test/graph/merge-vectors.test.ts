import { Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { mergeVectors } from "../../src/graph/rewrites/merge-vectors.ts";
import { simplify } from "../../src/graph/rewrites/simplify.ts";
import { sizeOf, type Value } from "../../src/graph/value.ts";
import { gradientsOf } from "../../src/gradients/gradients-of.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { normalizeBatch } from "../../src/layers/normalize-batch.ts";
import { compare } from "../check-op.ts";

const shape = [4, 3, 5, 2];

/** What a network makes of images; several values are all wanted. */
type Network = (builder: GraphBuilder, images: readonly [Value, Value], vector: () => Value) => readonly Value[];

function build(network: Network, isMerged: boolean): Graph {
  const builder = new GraphBuilder("network");
  const { op } = builder;
  const images = [builder.input("a", "float32", shape), builder.input("b", "float32", shape)] as const;
  const targets: Value[] = [...images];
  const vector = (): Value => {
    const value = builder.input(`v${targets.length}`, "float32", [3, 1, 1]);
    targets.push(value);
    return value;
  };
  const plain = network(builder, images, vector);
  const wanted = isMerged ? mergeVectors(builder, plain) : plain;
  wanted.forEach((value, i) => builder.output(`y${i}`, value));
  const losses = wanted.map((value, i) => op.ReduceSum(op.Mul(value, builder.input(`r${i}`, "float32", value.shape))));
  const loss = losses.reduce((sum, one) => op.Add(sum, one));
  gradientsOf(builder, loss, targets).forEach((gradient, i) => builder.output(`d ${targets[i]!.name}`, gradient));
  return simplify(builder.build());
}

function checkSame(network: Network): { readonly plain: Graph; readonly merged: Graph } {
  const [plain, merged] = [build(network, false), build(network, true)];
  // One over a count is a float32 in one of them.
  const rng = Rng.fromSeed(7);
  const feeds = Object.fromEntries(
    plain.inputs.map((input) => [input.name, Float32Array.from({ length: sizeOf(input.shape) }, () => rng.uniform(-1, 1))]),
  );
  const got = interpret(merged, feeds);
  for (const [name, values] of Object.entries(interpret(plain, feeds))) compare(name, got[name]!, values, 1e-6, 1e-5);
  return { plain, merged };
}

/** Operators whose result is as large as the images. */
function passes({ nodes }: Graph): number {
  return nodes.filter(({ outputs: [y] }) => sizeOf(y.shape) === sizeOf(shape)).length;
}

function normalized(builder: GraphBuilder, x: Value, vector: () => Value): ReturnType<typeof normalizeBatch> {
  const flat = (value: Value): Value => builder.op.Reshape(value, [3]);
  return normalizeBatch(builder, x, { gamma: flat(vector()), beta: flat(vector()), epsilon: 0.001 });
}

describe("mergeVectors", () => {
  it("takes sums of what is normalized again from itself", () => {
    const { plain, merged } = checkSame((builder, [x], vector) => {
      const first = normalized(builder, x, vector);
      const second = normalized(builder, first.output, vector);
      return [second.output, first.mean, second.mean, second.variance];
    });
    expect(passes(merged)).toBe(passes(plain));
  });

  it("needs no pass for a factor whose sums alone are wanted", () => {
    const { merged } = checkSame((builder, [a], vector) => {
      const { op } = builder;
      const x = op.Add(op.Mul(op.Add(a, vector()), vector()), a);
      const scaled = op.Mul(op.Relu(x), vector());
      return [op.ReduceSumSquare(scaled, { axes: [0, 2, 3], keepdims: true })];
    });
    expect(merged.nodes.some(({ op }) => op === "ReduceSumSquare")).toBe(true);
  });

  it("adds biases of both sides of a sum to the mean that batch normalization takes off again", () => {
    const bare = checkSame((builder, [a, b], vector) => {
      const { output, mean, variance } = normalized(builder, builder.op.Add(a, builder.op.Elu(b)), vector);
      return [output, mean, variance];
    });
    const biased = checkSame((builder, [a, b], vector) => {
      const { op } = builder;
      const sum = op.Add(op.Add(a, vector()), op.Elu(b));
      const { output, mean, variance } = normalized(builder, op.Add(vector(), sum), vector);
      return [output, mean, variance];
    });
    expect(passes(biased.merged)).toBe(passes(bare.merged));
  });

  it("writes out what something else reads", () => {
    const network: Network = (builder, [a, b], vector) => {
      const { op } = builder;
      const first = normalized(builder, op.Add(a, vector()), vector).output;
      const second = normalized(builder, op.Add(op.Mul(first, vector()), b), vector).output;
      return [op.Mul(op.Relu(first), second)];
    };
    const { plain, merged } = checkSame(network);
    expect(passes(merged)).toBeLessThanOrEqual(passes(plain));
  });

  it("keeps to one axis", () => {
    checkSame((builder, [a], vector) => {
      const { op } = builder;
      const byRow = op.Mul(op.Add(a, vector()), op.Reshape(op.Expand(op.ReduceSum(vector()), [5]), [5, 1]));
      return [op.ReduceMean(byRow, { axes: [0, 2, 3], keepdims: true }), op.ReduceSumSquare(byRow, { axes: [0, 1, 3] })];
    });
  });

  it("leaves alone what has no such factors", () => {
    const builder = new GraphBuilder("plain");
    const x = builder.input("x", "float32", shape);
    const values = [builder.op.Relu(builder.op.Mul(x, 2))];
    expect(mergeVectors(builder, values)).toBe(values);
  });
});
