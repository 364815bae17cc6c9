import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { dropoutFactors } from "../../src/layers/dropout-mask.ts";
import { createSession } from "../../src/runtime/session.ts";

/** Every byte once, so that shares can be counted exactly. */
const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);

function factorsOf(rate: number) {
  const builder = new GraphBuilder("dropout");
  builder.output("factors", dropoutFactors(builder.op, builder.input("bytes", "uint8", [256]), rate));
  return builder.build();
}

describe("dropout factors", () => {
  it("drop the lowest bytes and scale up the rest so that the sum stays", () => {
    for (const rate of [0.001, 0.1, 0.25, 0.5, 0.9]) {
      const factors = interpret(factorsOf(rate), { bytes })["factors"]!;
      const dropped = factors.filter((factor) => factor === 0).length;
      expect(dropped).toBe(Math.round(rate * 256));
      expect(factors.slice(0, dropped).every((factor) => factor === 0)).toBe(true);
      expect(factors.reduce((sum, factor) => sum + factor, 0)).toBeCloseTo(256, 3);
    }
  });

  it("keep something of a rate next to 1", () => {
    const factors = interpret(factorsOf(0.999999), { bytes })["factors"]!;
    expect(new Set(factors)).toEqual(new Set([0, 256]));
  });

  it("are the interpreter's in ONNX Runtime", async () => {
    const graph = factorsOf(0.3);
    const session = await createSession(graph);
    const { factors } = await session.run({ bytes });
    await session.dispose();
    expect(Array.from(factors!, Number)).toEqual(Array.from(interpret(graph, { bytes })["factors"]!, Math.fround));
  });
});
