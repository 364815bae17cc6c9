import { Rng } from "@argmin/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Operators, Padding } from "../../src/graph/operators.ts";
import { lowerConvolutions } from "../../src/graph/rewrites/lower-convolutions.ts";
import { simplify } from "../../src/graph/rewrites/simplify.ts";
import { sizeOf, type TensorData, type Value } from "../../src/graph/value.ts";
import { gradientsOf } from "../../src/gradients/gradients-of.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { createSession } from "../../src/runtime/session.ts";
import { compare } from "../check-op.ts";

interface Layer {
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly padding: Padding;
  readonly bias: boolean;
  readonly activation: Activation;
}

const activations = {
  none: (_op: Operators, x: Value) => x,
  relu: (op: Operators, x: Value) => op.Relu(x),
  tanh: (op: Operators, x: Value) => op.Tanh(x),
  leaky: (op: Operators, x: Value) => op.LeakyRelu(x),
  /** Not monotone: it has to stay before the pool. */
  gelu: (op: Operators, x: Value) => op.Gelu(x),
  scaled: (op: Operators, x: Value) => op.Mul(op.Add(x, 0.5), -2),
} as const;
type Activation = keyof typeof activations;

interface Network {
  readonly size: readonly [number, number];
  readonly bytes: boolean;
  readonly layers: readonly Layer[];
}

/** A network's loss and gradients to its images (unless they are bytes) and parameters. */
function build({ size, bytes, layers }: Network, isLowered: boolean): Graph {
  const builder = new GraphBuilder("network");
  const { op } = builder;
  const input = builder.input("images", bytes ? "uint8" : "float32", [2, 2, ...size]);
  const targets: Value[] = bytes ? [] : [input];
  let x = bytes ? op.Mul(op.Cast(input, "float32"), 1 / 255) : input;
  layers.forEach(({ filters, kernel, padding, bias, activation }, i) => {
    builder.scope(`conv${i}`, () => {
      const w = builder.parameter("kernel", [filters, x.shape[1]!, ...kernel]);
      targets.push(w);
      const b = bias ? builder.parameter("bias", [filters]) : undefined;
      if (b !== undefined) targets.push(b);
      x = activations[activation](op, op.Conv(x, w, b, { padding }));
    });
  });
  x = op.MaxPool(x, 2);
  const pooled = isLowered ? lowerConvolutions(builder, [x])[0]! : x;
  const loss = op.ReduceSum(op.Mul(pooled, builder.input("weights", "float32", pooled.shape)));
  builder.output("loss", loss);
  gradientsOf(builder, loss, targets).forEach((gradient, i) => builder.output(`d ${targets[i]!.name}`, gradient));
  return simplify(builder.build());
}

function feedsOf(graph: Graph, rng: Rng): Record<string, TensorData> {
  const values = [...graph.inputs, ...graph.parameters];
  return Object.fromEntries(
    values.map(({ name, dtype, shape }) => [
      name,
      dtype === "uint8"
        ? Uint8Array.from({ length: sizeOf(shape) }, () => rng.integer(256))
        : Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform(-1, 1)),
    ]),
  );
}

const layers = fc.array(
  fc.record({
    filters: fc.integer({ min: 1, max: 5 }),
    kernel: fc.constantFrom<readonly [number, number]>([3, 3], [3, 3], [5, 3], [3, 5], [4, 4], [4, 3], [2, 2], [1, 1]),
    padding: fc.constantFrom<Padding>("valid", "valid", "same", [2, 1, 0, 1]),
    bias: fc.boolean(),
    activation: fc.constantFrom<Activation>("none", "relu", "tanh", "leaky", "gelu", "scaled"),
  }),
  { minLength: 1, maxLength: 2 },
);
const networks = fc.record({
  size: fc.constantFrom<readonly [number, number]>([12, 14], [16, 12], [14, 14], [13, 12]),
  bytes: fc.boolean(),
  layers,
});

const system: Network = {
  size: [12, 12],
  bytes: true,
  layers: [
    { filters: 4, kernel: [3, 3], padding: "valid", bias: true, activation: "relu" },
    { filters: 8, kernel: [3, 3], padding: "valid", bias: true, activation: "relu" },
  ],
};

describe("lowerConvolutions", () => {
  it("keeps values and gradients of random networks", () => {
    let lowered = 0;
    fc.assert(
      fc.property(networks, fc.integer(), (network, seed) => {
        const plain = build(network, false);
        const fast = build(network, true);
        if (fast.nodes.every((node) => node.op !== "MaxPool")) lowered++;
        const feeds = feedsOf(plain, Rng.fromSeed(seed));
        const wanted = interpret(plain, feeds);
        const got = interpret(fast, feeds);
        for (const [name, values] of Object.entries(wanted)) compare(name, got[name]!, values, 1e-6, 1e-6);
      }),
      { numRuns: 60, seed: 1 },
    );
    expect(lowered).toBeGreaterThan(15);
  });

  it("gives equal maxima the same gradient as the pool does", () => {
    const network = { ...system, bytes: false };
    const plain = build(network, false);
    const fast = build(network, true);
    const feeds = feedsOf(plain, Rng.fromSeed(1));
    const rng = Rng.fromSeed(2);
    // Mostly background, as in pictures of digits: most windows are ties, and the gradient to the images shows which one won.
    feeds["images"] = Float32Array.from({ length: 2 * 2 * 144 }, () => (rng.float() < 0.01 ? 1 : 0));
    const wanted = interpret(plain, feeds);
    const got = interpret(fast, feeds);
    for (const [name, values] of Object.entries(wanted)) compare(name, got[name]!, values, 1e-9, 1e-9);
  });

  it("agrees with ONNX Runtime", async () => {
    const fast = build(system, true);
    const feeds = feedsOf(fast, Rng.fromSeed(3));
    const session = await createSession(fast);
    const got = await session.run(feeds);
    await session.dispose();
    for (const [name, values] of Object.entries(interpret(fast, feeds))) {
      compare(name, Float64Array.from(got[name]!, Number), values, 1e-4, 1e-4);
    }
  });

  it("adds the last bias after the pool", () => {
    const builder = new GraphBuilder("deferred");
    const { op } = builder;
    const x = builder.input("x", "float32", [1, 1, 8, 8]);
    const w = builder.input("w", "float32", [4, 1, 3, 3]);
    const b = builder.input("b", "float32", [4]);
    builder.output("y", lowerConvolutions(builder, [op.MaxPool(op.Conv(x, w, b), 2)])[0]!);
    const { nodes } = simplify(builder.build());
    expect(nodes.at(-1)).toMatchObject({ op: "Add", outputs: [{ shape: [1, 4, 3, 3] }] });
    expect(nodes.find((node) => node.op === "Conv")!.inputs).toHaveLength(2);
  });

  it.each<readonly [string, (op: Operators, x: Value, w: (filters: number, channels: number, size?: number) => Value) => Value]>([
    ["many filters", (op, x, w) => op.MaxPool(op.Conv(x, w(200, 2)), 2)],
    ["single pixels", (op, x, w) => op.MaxPool(op.Conv(x, w(4, 2, 1)), 2)],
    ["strides", (op, x, w) => op.MaxPool(op.Conv(x, w(4, 2), undefined, { strides: 2 }), 2)],
    ["odd sizes", (op, x, w) => op.MaxPool(op.Conv(x, w(4, 2), undefined, { padding: [0, 0, 1, 1] }), 2)],
    ["another window", (op, x, w) => op.MaxPool(op.Conv(x, w(4, 2)), 3)],
    ["an overlapping window", (op, x, w) => op.MaxPool(op.Conv(x, w(4, 2)), 2, { strides: 1 })],
    ["no convolution", (op, x) => op.MaxPool(op.Relu(x), 2)],
    ["no pool", (op, x, w) => op.Relu(op.Conv(x, w(4, 2)))],
    [
      "a convolution that others look at",
      (op, x, w) => {
        const y = op.Conv(x, w(4, 2));
        return op.Concat([op.MaxPool(y, 2), op.Slice(y, [0, 0, 0, 0], [1, 4, 5, 5])], 1);
      },
    ],
  ])("leaves %s alone", (_, make) => {
    const builder = new GraphBuilder("alone");
    const x = builder.input("x", "float32", [1, 2, 12, 12]);
    let count = 0;
    const w = (filters: number, channels: number, size = 3): Value =>
      builder.input(`w${count++}`, "float32", [filters, channels, size, size]);
    const y = make(builder.op, x, w);
    const nodes = builder.nodes.length;
    expect(lowerConvolutions(builder, [y])[0]).toBe(y);
    expect(builder.nodes.length).toBe(nodes);
  });

  it("rewrites two pools one after the other, and what follows them", () => {
    const builder = new GraphBuilder("two");
    const { op } = builder;
    const w = (i: number, ...shape: number[]): Value => builder.input(`w${i}`, "float32", shape);
    const x = builder.input("x", "float32", [1, 1, 14, 14]);
    const first = op.MaxPool(op.Relu(op.Conv(x, w(0, 3, 1, 3, 3))), 2);
    const second = op.MaxPool(op.Relu(op.Conv(first, w(1, 4, 3, 3, 3))), 2);
    builder.output("plain", op.Exp(second));
    builder.output("fast", lowerConvolutions(builder, [op.Exp(second)])[0]!);
    const graph = builder.build();
    const values = interpret(graph, feedsOf(graph, Rng.fromSeed(5)));
    compare("two pools", values["fast"]!, values["plain"]!, 1e-9, 1e-9);
    expect(simplify({ ...graph, outputs: graph.outputs.slice(1) }).nodes.map((node) => node.op)).not.toContain("MaxPool");
  });
});
