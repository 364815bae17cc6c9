import { Rng } from "@argmin/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Operators, Padding } from "../../src/graph/operators.ts";
import { mergeConvolutions } from "../../src/graph/rewrites/merge-convolutions.ts";
import { simplify } from "../../src/graph/rewrites/simplify.ts";
import { sizeOf, type Value } from "../../src/graph/value.ts";
import { gradientsOf } from "../../src/gradients/gradients-of.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { compare } from "../check-op.ts";

interface Stack {
  readonly channels: number;
  readonly padding: Padding;
  readonly layers: readonly { readonly filters: number; readonly kernel: readonly [number, number]; readonly bias: boolean }[];
}

/** A weighted sum of what the layers give, and its gradients to the images and all weights. */
function build({ channels, padding, layers }: Stack, isMerged: boolean): Graph {
  const builder = new GraphBuilder("stack");
  const { op } = builder;
  const images = builder.input("images", "float32", [2, channels, 7, 8]);
  const targets = [images];
  let x = images;
  layers.forEach(({ filters, kernel, bias }, i) => {
    const w = builder.input(`w${i}`, "float32", [filters, x.shape[1]!, ...kernel]);
    const b = bias ? builder.input(`b${i}`, "float32", [filters]) : undefined;
    targets.push(...(b === undefined ? [w] : [w, b]));
    x = op.Conv(x, w, b, i === 0 ? { padding } : {});
  });
  const y = isMerged ? mergeConvolutions(builder, [op.Tanh(x)])[0]! : op.Tanh(x);
  const loss = op.ReduceSum(op.Mul(y, builder.input("weights", "float32", y.shape)));
  builder.output("loss", loss);
  gradientsOf(builder, loss, targets).forEach((gradient, i) => builder.output(`d ${targets[i]!.name}`, gradient));
  return simplify(builder.build());
}

const stacks = fc.record<Stack>({
  channels: fc.integer({ min: 1, max: 3 }),
  padding: fc.constantFrom<Padding>("valid", "same", [2, 0, 1, 1]),
  layers: fc.array(
    fc.record({
      filters: fc.integer({ min: 1, max: 6 }),
      kernel: fc.constantFrom<readonly [number, number]>([1, 1], [2, 2], [3, 3], [3, 1], [1, 2]),
      bias: fc.boolean(),
    }),
    { minLength: 2, maxLength: 3 },
  ),
});

const convolutionsOf = (graph: Graph): number => graph.nodes.filter((node) => node.op === "Conv").length;

describe("mergeConvolutions", () => {
  it("changes neither values nor gradients", () => {
    let merged = 0;
    fc.assert(
      fc.property(stacks, fc.integer(), (stack, seed) => {
        const [plain, fast] = [build(stack, false), build(stack, true)];
        if (convolutionsOf(fast) < convolutionsOf(plain)) merged += 1;
        const rng = Rng.fromSeed(seed);
        const feeds = Object.fromEntries(
          plain.inputs.map(({ name, shape }) => [
            name,
            Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform(-0.3, 0.3)),
          ]),
        );
        const wanted = interpret(plain, feeds);
        const got = interpret(fast, feeds);
        for (const [name, values] of Object.entries(wanted)) compare(name, got[name]!, values, 1e-9, 1e-9);
      }),
      { numRuns: 60 },
    );
    expect(merged).toBeGreaterThan(15);
  });

  type Make = (op: Operators, x: Value, w: (filters: number, channels: number, size?: number) => Value) => Value;
  const cases: readonly (readonly [string, Make])[] = [
    ["an activation between", (op, x, w) => op.Conv(op.Relu(op.Conv(x, w(4, 1))), w(8, 4))],
    ["padding between", (op, x, w) => op.Conv(op.Conv(x, w(4, 1)), w(8, 4), undefined, { padding: "same" })],
    ["strides", (op, x, w) => op.Conv(op.Conv(x, w(4, 1), undefined, { strides: 2 }), w(8, 4))],
    ["dilations", (op, x, w) => op.Conv(op.Conv(x, w(4, 1)), w(8, 4), undefined, { dilations: 2 })],
    ["groups", (op, x, w) => op.Conv(op.Conv(x, w(4, 1)), w(8, 2), undefined, { group: 2 })],
    ["what would multiply more often", (op, x, w) => op.Conv(op.Conv(x, w(1, 1)), w(8, 1))],
    ["kernels that cost much to compose", (op, x, w) => op.Conv(op.Conv(x, w(64, 1, 6)), w(2, 64, 6))],
    [
      "images that others look at",
      (op, x, w) => {
        const between = op.Conv(x, w(4, 1));
        return op.Concat([op.Conv(between, w(8, 4)), op.Slice(between, [0, 0, 0, 0], [1, 4, 8, 8])], 1);
      },
    ],
  ];
  it.each(cases)("leaves %s alone", (_, make) => {
    const builder = new GraphBuilder("alone");
    let count = 0;
    const w = (filters: number, channels: number, size = 3): Value =>
      builder.input(`w${count++}`, "float32", [filters, channels, size, size]);
    const y = make(builder.op, builder.input("x", "float32", [1, 1, 12, 12]), w);
    expect(mergeConvolutions(builder, [y])[0]).toBe(y);
  });

  it("goes on with what was merged, and with what follows", () => {
    const builder = new GraphBuilder("three");
    const { op } = builder;
    const w = (i: number, filters: number, channels: number): Value =>
      builder.input(`w${i}`, "float32", [filters, channels, 3, 3]);
    const x = builder.input("x", "float32", [1, 1, 12, 12]);
    const third = op.Conv(op.Conv(op.Conv(x, w(0, 16, 1)), w(1, 16, 16)), w(2, 16, 16));
    builder.output("y", mergeConvolutions(builder, [op.Relu(third)])[0]!);
    const { nodes } = simplify(builder.build());
    const [merged, ...others] = nodes.filter((node) => node.op === "Conv");
    expect(others).toEqual([]);
    expect(merged!.inputs.map(({ shape }) => shape)).toEqual([
      [1, 1, 12, 12],
      [16, 1, 7, 7],
    ]);
    expect(nodes.at(-1)!.op).toBe("Relu");
  });
});
