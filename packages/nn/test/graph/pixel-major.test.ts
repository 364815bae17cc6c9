import { Rng } from "@argmin/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Operators, Padding } from "../../src/graph/operators.ts";
import { pixelMajor } from "../../src/graph/rewrites/pixel-major.ts";
import { simplify } from "../../src/graph/rewrites/simplify.ts";
import { sizeOf, type TensorData, type Value } from "../../src/graph/value.ts";
import { gradientsOf } from "../../src/gradients/gradients-of.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { normalizeBatch } from "../../src/layers/normalize-batch.ts";
import { createSession } from "../../src/runtime/session.ts";
import { compare } from "../check-op.ts";

/** A network behind a convolution that is turned. */
type Network = (builder: GraphBuilder, x: Value, weight: (...shape: number[]) => Value) => Value;

interface Convolution {
  readonly channels: number;
  readonly filters: number;
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly padding: Padding;
}

const small: Convolution = { channels: 32, filters: 33, size: [8, 6], kernel: [3, 3], padding: "same" };

/** A loss of the convolution and what follows it, and the gradients to images and weights. */
function build(
  { channels, filters, size, kernel, padding }: Convolution,
  network: Network,
  isTurned: boolean,
  wanted: "all" | "weights" = "all",
): Graph {
  const builder = new GraphBuilder("network");
  const { op } = builder;
  const targets = [builder.input("images", "float32", [2, channels, ...size])];
  const weight = (...shape: number[]): Value => {
    const value = builder.input(`w${targets.length}`, "float32", shape);
    targets.push(value);
    return value;
  };
  const convolved = op.Conv(targets[0]!, weight(filters, channels, ...kernel), weight(filters), { padding });
  const result = network(builder, convolved, weight);
  const y = isTurned ? pixelMajor(builder, [result])[0]! : result;
  builder.output("y", y);
  const loss = op.ReduceSum(op.Mul(y, builder.input("r", "float32", y.shape)));
  const asked = wanted === "all" ? targets : targets.slice(1);
  gradientsOf(builder, loss, asked).forEach((gradient, i) => builder.output(`d ${asked[i]!.name}`, gradient));
  return simplify(builder.build());
}

function feedsOf(graph: Graph, rng: Rng): Record<string, TensorData> {
  return Object.fromEntries(
    graph.inputs.map(({ name, shape }) => [name, Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform(-1, 1))]),
  );
}

/** The turned graph against the plain one, both by the interpreter. */
function checkSame(
  convolution: Convolution,
  network: Network,
  seed: number,
  wanted: "all" | "weights" = "all",
): { readonly turned: Graph } {
  const plain = build(convolution, network, false, wanted);
  const turned = build(convolution, network, true, wanted);
  const feeds = feedsOf(plain, Rng.fromSeed(seed));
  const got = interpret(turned, feeds);
  // Thirds and fifteenths among the constants are rounded to float32.
  for (const [name, values] of Object.entries(interpret(plain, feeds))) compareToLargest(name, got[name]!, values);
  return { turned };
}

/** Within 1e-5 of the largest element. */
function compareToLargest(name: string, got: Float64Array, wanted: Float64Array): void {
  const largest = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  compare(name, got, wanted, 0, 1e-5 * largest);
}

const opsOf = (graph: Graph): readonly string[] => graph.nodes.map(({ op }) => op);

const networks: readonly (readonly [string, Network])[] = [
  ["nothing", (_, x) => x],
  ["an activation and a pool", ({ op }, x) => op.MaxPool(op.Relu(x), 2)],
  ["a pool before the activation", ({ op }, x) => op.Elu(op.MaxPool(x, 2))],
  ["a mean of windows", ({ op }, x) => op.AveragePool(x, 2)],
  ["a mean of overlapping windows", ({ op }, x) => op.AveragePool(x, 3, { strides: 2, padding: "same" })],
  [
    "batch normalization",
    (builder, x, weight) => {
      const channels = x.shape[1]!;
      return normalizeBatch(builder, x, { gamma: weight(channels), beta: weight(channels), epsilon: 0.01 }).output;
    },
  ],
  [
    "a residual sum",
    ({ op }, x, weight) => {
      const [batch, channels, height, width] = x.shape;
      const dropped = op.Mul(x, weight(batch!, channels!, height!, width!));
      const pixel = op.Conv(x, weight(channels!, channels!, 1, 1), weight(channels!));
      return op.Add(pixel, op.Elu(op.Conv(dropped, weight(channels!, channels!, 2, 2), weight(channels!), { padding: "same" })));
    },
  ],
  [
    "branches side by side",
    ({ op }, x, weight) => {
      const channels = x.shape[1]!;
      const [left, right] = op.Split(x, [5, channels - 5], 1);
      return op.Concat(
        [
          op.Conv(right!, weight(3, channels - 5, 1, 1)),
          op.Tanh(left!),
          op.Conv(x, weight(4, channels, 3, 3), undefined, { strides: 2 }),
        ].slice(0, 2),
        1,
      );
    },
  ],
  [
    "strides",
    ({ op }, x, weight) => op.Relu(op.Conv(x, weight(4, x.shape[1]!, 3, 3), undefined, { strides: 2, padding: "same" })),
  ],
  ["overlapping maxima", ({ op }, x) => op.MaxPool(x, 3, { strides: 2, padding: "same" })],
  ["maxima of other windows", ({ op }, x) => op.MaxPool(x, [3, 2], { strides: [1, 2], padding: [0, 1, 1, 0] })],
  ["a large kernel", ({ op }, x, weight) => op.Conv(x, weight(3, x.shape[1]!, 5, 5), undefined, { padding: "same" })],
  ["a global mean", ({ op }, x) => op.ReduceMean(x, { axes: [2, 3] })],
  ["a flat end", ({ op }, x, weight) => op.MatMul(op.Reshape(x, [2, sizeOf(x.shape) / 2]), weight(sizeOf(x.shape) / 2, 3))],
];

describe("pixelMajor", () => {
  it("keeps values and gradients of convolutions of any size, padding and kernel", () => {
    fc.assert(
      fc.property(
        fc.record({
          channels: fc.integer({ min: 16, max: 18 }),
          filters: fc.integer({ min: 16, max: 33 }),
          size: fc.tuple(fc.integer({ min: 6, max: 11 }), fc.integer({ min: 6, max: 11 })),
          kernel: fc.constantFrom<readonly [number, number]>([3, 3], [2, 3], [3, 2], [4, 4]),
          padding: fc.constantFrom<Padding>("same", "valid", [1, 2, 0, 1], [2, 0, 2, 2]),
        }),
        fc.integer(),
        (convolution, seed) => {
          const { turned } = checkSame(convolution, ({ op }, x) => op.Tanh(op.Mul(x, 0.1)), seed);
          expect(opsOf(turned)).not.toContain("Conv");
          expect(opsOf(turned)).not.toContain("ConvTranspose");
        },
      ),
      { numRuns: 12, seed: 1 },
    );
  });

  it.each(networks)("keeps values and gradients where %s follows", (_, network) => {
    checkSame(small, network, 1);
  });

  it("agrees with ONNX Runtime, which loses little by fewer multiplications", async () => {
    const convolution: Convolution = { channels: 64, filters: 64, size: [12, 12], kernel: [3, 3], padding: "same" };
    const [plain, turned] = [false, true].map((isTurned) => build(convolution, networks[1]![1], isTurned));
    const feeds = feedsOf(plain!, Rng.fromSeed(3));
    const session = await createSession(turned!);
    const got = await session.run(feeds);
    await session.dispose();
    for (const [name, values] of Object.entries(interpret(plain!, feeds))) {
      compareToLargest(name, Float64Array.from(got[name]!, Number), values);
    }
  });

  it("gives equal maxima the same gradient as the pool does", () => {
    const builder = new GraphBuilder("ties");
    const { op } = builder;
    const input = (name: string, ...shape: number[]): Value => builder.input(name, "float32", shape);
    const convolved = op.Conv(input("x", 1, 32, 8, 8), input("w", 32, 32, 3, 3), undefined, { padding: "same" });
    const ties = input("ties", 1, 32, 8, 8);
    const pooled = op.MaxPool(op.Add(op.Mul(convolved, 0), ties), 2);
    const turned = pixelMajor(builder, [pooled])[0]!;
    const r = input("r", 1, 32, 4, 4);
    [pooled, turned].forEach((y, i) => {
      builder.output(`d${i}`, gradientsOf(builder, op.ReduceSum(op.Mul(y, r)), [ties])[0]!);
    });
    const graph = builder.build();
    const rng = Rng.fromSeed(4);
    const ones = Float32Array.from({ length: 32 * 64 }, () => rng.integer(2));
    const { d0, d1 } = interpret(graph, { ...feedsOf(graph, rng), ties: ones });
    compare("ties", d1!, d0!, 0, 0);
  });

  it.each<readonly [string, Omit<Convolution, "filters">, Network]>([
    ["", { channels: 3, size: [8, 6], kernel: [3, 3], padding: "same" }, (_, x) => x],
    [" and its pool", { channels: 3, size: [8, 6], kernel: [3, 3], padding: "same" }, ({ op }, x) => op.Relu(op.MaxPool(x, 2))],
    [
      " of even kernels and its pool",
      { channels: 2, size: [9, 7], kernel: [4, 2], padding: [1, 0, 1, 0] },
      ({ op }, x) => op.MaxPool(x, 2),
    ],
    [
      " and a pool that others look past",
      { channels: 1, size: [6, 6], kernel: [5, 5], padding: "same" },
      ({ op }, x) => op.Add(op.MaxPool(x, 2), op.AveragePool(x, 2)),
    ],
  ])("keeps values and gradients of a network's first convolution%s", (_, convolution, network) => {
    const { turned } = checkSame(
      { ...convolution, filters: 16 },
      (builder, x, weight) => builder.op.Conv(network(builder, x, weight), weight(16, 16, 3, 3), undefined, { padding: "same" }),
      6,
      "weights",
    );
    expect(opsOf(turned)).not.toContain("Conv");
  });

  it("turns what lies between two convolutions only at the borders", () => {
    const { turned } = checkSame(
      small,
      ({ op }, x, weight) => op.Conv(op.Relu(x), weight(32, 33, 3, 3), undefined, { padding: "same" }),
      5,
    );
    const isImages = (shape: readonly number[]): boolean => shape.length === 3 && shape.includes(48);
    expect(turned.nodes.filter(({ op, outputs }) => op === "Transpose" && isImages(outputs[0].shape))).toHaveLength(4);
  });

  it.each<readonly [string, (op: Operators, x: Value, w: (...shape: number[]) => Value) => Value]>([
    ["few channels", (op, x, w) => op.Conv(x, w(8, 32, 3, 3))],
    ["strides", (op, x, w) => op.Conv(x, w(32, 32, 3, 3), undefined, { strides: 2 })],
    ["groups", (op, x, w) => op.Conv(x, w(64, 16, 3, 3), undefined, { group: 2 })],
    ["large kernels", (op, x, w) => op.Conv(x, w(32, 32, 5, 5))],
    ["no convolution", (op, x) => op.Relu(op.MaxPool(x, 2))],
  ])("leaves %s alone", (_, make) => {
    const builder = new GraphBuilder("alone");
    const x = builder.input("x", "float32", [1, 32, 8, 8]);
    let count = 0;
    const y = make(builder.op, x, (...shape) => builder.input(`w${count++}`, "float32", shape));
    const nodes = builder.nodes.length;
    expect(pixelMajor(builder, [y])).toEqual([y]);
    expect(builder.nodes.length).toBe(nodes);
  });
});
