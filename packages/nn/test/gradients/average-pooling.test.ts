import { Rng } from "@argmin/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GraphBuilder, gradientsOf } from "@argmin/nn";
import { interpret } from "../../src/interpreter/interpret.ts";

/** A side of a window, its stride and the room on either side, which is smaller than the window. */
const side = fc
  .record({ kernel: fc.integer({ min: 1, max: 4 }), stride: fc.integer({ min: 1, max: 4 }) })
  .chain(({ kernel, stride }) =>
    fc.record({
      kernel: fc.constant(kernel),
      stride: fc.constant(stride),
      before: fc.integer({ min: 0, max: kernel - 1 }),
      after: fc.integer({ min: 0, max: kernel - 1 }),
      size: fc.integer({ min: kernel, max: 8 }),
    }),
  );

describe("the gradient of an average pool", () => {
  it("is its adjoint for any window: <dy, pool(x)> = <gradient(dy), x>", () => {
    fc.assert(
      fc.property(side, side, fc.integer(), (tall, wide, seed) => {
        const builder = new GraphBuilder("average pool");
        const x = builder.input("x", "float32", [2, 2, tall.size, wide.size]);
        const y = builder.op.AveragePool(x, [tall.kernel, wide.kernel], {
          strides: [tall.stride, wide.stride],
          padding: [tall.before, wide.before, tall.after, wide.after],
        });
        const dy = builder.input("dy", "float32", y.shape);
        builder.output("left", builder.op.ReduceSum(builder.op.Mul(dy, y)));
        builder.output("right", builder.op.ReduceSum(builder.op.Mul(gradientsOf(builder, y, [x], dy)[0]!, x)));
        const rng = Rng.fromSeed(seed);
        const random = (shape: readonly number[]) =>
          Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.uniform(-1, 1));
        const { left, right } = interpret(builder.build(), { x: random(x.shape), dy: random(dy.shape) });
        // The shares are float32 constants.
        expect(Math.abs(left![0]! - right![0]!)).toBeLessThan(1e-5);
      }),
    );
  });
});
