import { isArgminError } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { executionProvider, type Device } from "../../src/runtime/device.ts";
import { createSession, type Session } from "../../src/runtime/session.ts";

/** next = state + rate * step, and the sum of the state. */
function stepGraph(): Graph {
  const builder = new GraphBuilder("step");
  const { op } = builder;
  const state = builder.input("state", "float32", [3]);
  const rate = builder.input("rate", "float32", []);
  builder.output("next", op.Add(state, rate));
  builder.output("sum", op.ReduceSum(state));
  return builder.build();
}

async function withSession<T>(graph: Graph, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await createSession(graph);
  try {
    return await use(session);
  } finally {
    await session.dispose();
  }
}

async function errorOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (isArgminError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "nothing was thrown";
}

describe("Session", () => {
  it("writes into the arrays it was bound to, back and forth", async () => {
    await withSession(stepGraph(), async (session) => {
      const rate = Float32Array.of(1);
      const sum = new Float32Array(1);
      const sides = [Float32Array.of(1, 2, 3), new Float32Array(3)] as const;
      const runs = [
        session.bind({ state: sides[0], rate }, { next: sides[1], sum }),
        session.bind({ state: sides[1], rate }, { next: sides[0], sum }),
      ] as const;
      await runs[0]();
      expect([[...sides[1]], sum[0]]).toEqual([[2, 3, 4], 6]);
      rate[0] = 10;
      await runs[1]();
      expect([[...sides[0]], sum[0]]).toEqual([[12, 13, 14], 9]);
    });
  });

  it("computes the outputs that are fetched", async () => {
    await withSession(stepGraph(), async (session) => {
      const sum = new Float32Array(1);
      await session.bind({ state: Float32Array.of(1, 2, 3), rate: Float32Array.of(0) }, { sum })();
      expect(sum[0]).toBe(6);
    });
  });

  it("takes and gives every element type", async () => {
    const builder = new GraphBuilder("types");
    for (const dtype of ["float32", "int32", "int64", "uint8", "bool"] as const) {
      builder.output(`${dtype} out`, builder.op.Identity(builder.input(dtype, dtype, [2])));
    }
    await withSession(builder.build(), async (session) => {
      const feeds = {
        float32: Float32Array.of(0.5, -1),
        int32: Int32Array.of(-1, 7),
        int64: BigInt64Array.of(-1n, 2n ** 40n),
        uint8: Uint8Array.of(0, 255),
        bool: Uint8Array.of(0, 1),
      };
      const outputs = await session.run(feeds);
      for (const [name, data] of Object.entries(feeds)) expect(outputs[`${name} out`]).toEqual(data);
    });
  });

  it("gives the same numbers each time", async () => {
    const builder = new GraphBuilder("product");
    const a = builder.input("a", "float32", [64, 64]);
    builder.output("y", builder.op.MatMul(a, a));
    const data = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i));
    await withSession(builder.build(), async (session) => {
      const [first, second] = [await session.run({ a: data }), await session.run({ a: data })];
      expect(second).toEqual(first);
    });
  });

  it("says which array is wrong", async () => {
    await withSession(stepGraph(), async (session) => {
      const state = new Float32Array(3);
      const rate = new Float32Array(1);
      await expect(errorOf(() => session.run({ state }))).resolves.toBe("graph/shape: step wants an array for its input rate.");
      await expect(errorOf(() => session.run({ state, rate, extra: rate }))).resolves.toBe(
        "graph/shape: step has no input named extra; it has state, rate.",
      );
      await expect(errorOf(() => session.run({ state: new Float32Array(2), rate }))).resolves.toBe(
        "graph/shape: The input state of step is float32[3]: a Float32Array of 3, not a Float32Array of 2.",
      );
      await expect(errorOf(() => session.run({ state: new Int32Array(3), rate }))).resolves.toBe(
        "graph/shape: The input state of step is float32[3]: a Float32Array of 3, not a Int32Array of 3.",
      );
      expect(() => session.bind({ state, rate }, { next: state })).toThrow(
        "The output next of step shares its array with an input; give it another.",
      );
    });
  });

  it("names the node that fails", async () => {
    const builder = new GraphBuilder("bad");
    const x = builder.input("x", "float32", [2, 3]);
    const indices = builder.input("indices", "int64", [1]);
    builder.output(
      "y",
      builder.scope("pick", () => builder.op.Gather(x, indices)),
    );
    await withSession(builder.build(), async (session) => {
      const message = await errorOf(() => session.run({ x: new Float32Array(6), indices: BigInt64Array.of(9n) }));
      expect(message).toMatch(/^model\/invalid: ONNX Runtime refused the node pick\/Gather of bad: .*[^.]\.$/);
    });
  });

  it("names the node of a model that cannot be loaded", async () => {
    const builder = new GraphBuilder("unloadable");
    const bytes = builder.input("x", "uint8", [2]);
    builder.output(
      "y",
      builder.scope("head", () => builder.op.Neg(bytes)),
    );
    expect(await errorOf(() => createSession(builder.build()))).toMatch(
      /^model\/invalid: ONNX Runtime refused the node head\/Neg of unloadable: /,
    );
  });

  it("does not run once disposed of, and may be disposed of twice", async () => {
    const session = await createSession(stepGraph());
    const run = session.bind({ state: new Float32Array(3), rate: new Float32Array(1) }, { sum: new Float32Array(1) });
    await session.dispose();
    await session.dispose();
    expect(await errorOf(run)).toBe("usage/invalid: step was disposed of and cannot run any more.");
  });

  it("runs on several threads", async () => {
    const session = await createSession(stepGraph(), { threads: 2 });
    const { sum } = await session.run({ state: Float32Array.of(1, 2, 3), rate: Float32Array.of(0) });
    await session.dispose();
    expect(sum![0]).toBe(6);
  });
});

describe("executionProvider", () => {
  it("takes the CPU as it is", async () => {
    expect(await executionProvider("cpu")).toBe("cpu");
  });

  it.each<Device>(["cuda", "tensorrt"])("uses %s or says in a sentence why not", async (device) => {
    const result = await executionProvider(device).catch((error: unknown) => error);
    if (result === device) return;
    expect(isArgminError(result, "runtime/device")).toBe(true);
    expect(String(result)).toMatch(
      new RegExp(
        `^ArgminError: The device ${device} cannot be used here \\([^\\n]+\\); run on "cpu", or install what the device needs\\.$`,
      ),
    );
  });

  it("finds a device that works for auto", async () => {
    const session = await createSession(stepGraph(), { device: "auto" });
    const { sum } = await session.run({ state: Float32Array.of(1, 2, 3), rate: Float32Array.of(0) });
    await session.dispose();
    expect(sum![0]).toBe(6);
  });
});
