import { Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { createSession, GraphBuilder, gradientsOf, simplify, type Graph, type Value } from "@argmin/nn";
import { lowerAveragePools } from "../../src/graph/rewrites/lower-average-pools.ts";
import { expectClose } from "../fixtures.ts";

const shape = [2, 3, 6, 7];

/** What comes of a network with a pool, forward and backward; `rewrite` changes it in between. */
function graphOf(
  pool: (builder: GraphBuilder, x: Value) => Value,
  rewrite: (builder: GraphBuilder, values: readonly Value[]) => readonly Value[],
): Graph {
  const builder = new GraphBuilder("pools");
  const x = builder.input("x", "float32", shape);
  const loss = builder.op.ReduceSum(builder.op.Tanh(pool(builder, builder.op.Sigmoid(x))));
  const [rewritten] = rewrite(builder, [loss]);
  builder.output("loss", rewritten!);
  builder.output("gradient", gradientsOf(builder, rewritten!, [x])[0]!);
  return simplify(builder.build());
}

async function run(graph: Graph): Promise<readonly Float32Array[]> {
  const rng = Rng.fromSeed(4);
  const x = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.uniform(-2, 2));
  const session = await createSession(graph);
  const { loss, gradient } = await session.run({ x });
  await session.dispose();
  return [loss, gradient].map((data) => Float32Array.from(data!, Number));
}

describe("average pools as products", () => {
  const pools: readonly (readonly [string, (builder: GraphBuilder, x: Value) => Value])[] = [
    ["apart", ({ op }, x) => op.AveragePool(x, 2)],
    ["apart, with rows between", ({ op }, x) => op.AveragePool(x, [2, 3], { strides: 3 })],
    ["overlapping and padded", ({ op }, x) => op.AveragePool(x, 3, { strides: 2, padding: "same" })],
    ["one after the other", ({ op }, x) => op.AveragePool(op.AveragePool(x, 3, { strides: 1 }), 2)],
  ];
  it.each(pools)("%s, come to the same and leave no pool", async (_name, pool) => {
    const plain = graphOf(pool, (_builder, values) => values);
    const lowered = graphOf(pool, lowerAveragePools);
    expect(plain.nodes.some(({ op }) => op === "AveragePool")).toBe(true);
    expect(lowered.nodes.some(({ op }) => op === "AveragePool")).toBe(false);
    const wanted = await run(plain);
    (await run(lowered)).forEach((values, i) => expectClose(values, wanted[i]!, ["loss", "gradient"][i]!, 1e-5));
  });
});
