import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { lateFactors } from "../../src/graph/rewrites/late-factors.ts";
import { simplify } from "../../src/graph/rewrites/simplify.ts";
import { mapInputs, type Graph, type Node } from "../../src/graph/graph.ts";
import type { Value } from "../../src/graph/value.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { createSession } from "../../src/runtime/session.ts";

describe("lateFactors", () => {
  const builder = new GraphBuilder("dropout");
  const { op } = builder;
  const x = builder.input("x", "float32", [2, 3]);
  const bytes = builder.input("bytes", "uint8", [6]);
  const slow = op.Exp(op.Tanh(x));
  const factors = op.Reshape(op.DequantizeLinear(bytes, 0.5), [2, 3]);
  builder.output("there", op.Mul(slow, factors));
  builder.output(
    "back",
    builder.scope("gradients", () => op.Mul(op.Neg(slow), factors)),
  );
  const graph = simplify(builder.build());
  const late = lateFactors(graph);

  it("makes factors of the bytes there and back, and computes the same", () => {
    const feeds = { x: Float32Array.of(1, -2, 3, 0.5, 0, 2), bytes: Uint8Array.of(0, 1, 2, 3, 4, 255) };
    expect(interpret(late, feeds)).toEqual(interpret(graph, feeds));
    const made = late.nodes.filter((node) => node.op === "DequantizeLinear");
    expect(made).toHaveLength(2);
    for (const { outputs } of made)
      expect(late.nodes.filter(({ inputs }) => inputs.some((input) => input === outputs[0]))).toHaveLength(1);
  });

  it("keeps the uses from becoming one again", () => {
    expect(simplify(late).nodes.filter((node) => node.op === "DequantizeLinear")).toHaveLength(2);
  });

  it("puts what hangs on bytes alone before all else", () => {
    const ops = late.nodes.map((node) => node.op);
    expect(ops.lastIndexOf("DequantizeLinear")).toBeLessThan(ops.indexOf("Tanh"));
  });
});

describe("lateFactors of large tensors", () => {
  const rows = 2048;
  const columns = 2048;

  /** Normalized, dropped and transformed; the way back reads all of it. */
  function build(size: number, height: number): Graph {
    const builder = new GraphBuilder("large");
    const { op } = builder;
    const x = builder.input("x", "float32", [size, columns]);
    const bytes = builder.input("bytes", "uint8", [size * columns]);
    const scale = builder.input("scale", "float32", [columns]);
    const offset = builder.input("offset", "float32", [columns]);
    const normalized = op.Add(op.Mul(x, scale), offset);
    const dropped = op.Mul(normalized, op.Reshape(op.DequantizeLinear(bytes, 0.5), [size, columns]));
    const band = builder.constant(
      Float32Array.from({ length: height * size }, (_, i) => ((i * 7) % 5) - 2),
      { shape: [height, size] },
    );
    const transformed = op.MatMul(band, dropped);
    builder.output("y", op.ReduceSum(op.Tanh(transformed), { axes: [0] }));
    builder.scope("gradients", () => {
      builder.output("dx", op.ReduceSum(op.Mul(op.Tanh(x), normalized), { axes: [0] }));
      builder.output("dw", op.ReduceSum(op.Exp(op.Neg(op.Abs(transformed))), { axes: [0] }));
    });
    return lateFactors(simplify(builder.build()));
  }
  const countOf = (graph: Graph, kind: string): number => graph.nodes.filter(({ op }) => op === kind).length;

  it("makes them again for the gradients", () => {
    const graph = build(rows, 8192);
    expect([countOf(graph, "DequantizeLinear"), countOf(graph, "MatMul")]).toEqual([2, 2]);
    // Of the multiplications by scale and factors there are two each, and one is the gradient's own.
    expect([countOf(graph, "Mul"), countOf(graph, "Add")]).toEqual([5, 2]);
  });

  it("keeps smaller ones, and products but for very large ones", () => {
    expect(countOf(build(rows, 64), "MatMul")).toBe(1);
    const small = build(64, 64);
    expect([countOf(small, "Mul"), countOf(small, "Add"), countOf(small, "MatMul")]).toEqual([3, 1, 1]);
  });

  it("computes the same in ONNX Runtime", async () => {
    const graph = build(rows, 16);
    const feeds = {
      x: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i)),
      bytes: Uint8Array.from({ length: rows * columns }, (_, i) => (i * 13) % 4),
      scale: Float32Array.from({ length: columns }, (_, i) => 1 + Math.cos(i) / 2),
      offset: Float32Array.from({ length: columns }, (_, i) => Math.cos(3 * i)),
    };
    const [session, kept] = await Promise.all([createSession(graph), createSession(withoutSecond(graph))]);
    expect(await session.run(feeds)).toEqual(await kept.run(feeds));
    await Promise.all([session.dispose(), kept.dispose()]);
  });
});

/** The graph as it was: what is equal but for what tells it apart. */
function withoutSecond(graph: Graph): Graph {
  const first = new Map<string, Value>();
  const values = new Map<Value, Value>();
  const current = (value: Value): Value => values.get(value) ?? value;
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const next = { ...node, inputs: mapInputs(node, current) };
    const key = `${node.op} ${next.inputs
      .map(({ name }) => name)
      .toSorted()
      .join()} ${node.outputs[0].shape.join()}`;
    const known = ["DequantizeLinear", "Mul", "Add", "Reshape"].includes(node.op) ? first.get(key) : undefined;
    if (known === undefined) {
      first.set(key, node.outputs[0]);
      return [next];
    }
    values.set(node.outputs[0], known);
    return [];
  });
  return { ...graph, nodes, outputs: graph.outputs.map(({ name, value }) => ({ name, value: current(value) })) };
}
