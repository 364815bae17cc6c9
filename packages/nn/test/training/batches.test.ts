import { describe, expect, it } from "vitest";
import { gatherInputs, gatherTargets } from "../../src/training/batches.ts";

describe("batches", () => {
  const order = Uint32Array.of(2, 0, 1);

  it("hold the examples in the order given", () => {
    const batch = new Uint8Array(6).fill(9);
    gatherInputs(batch, { values: Uint8Array.of(0, 1, 10, 11, 20, 21), size: 2 }, order, 1, 3);
    expect(batch).toEqual(Uint8Array.of(0, 1, 10, 11, 9, 9));
    // Floats too, in the middle of other memory.
    const floats = new Float32Array(5).fill(9);
    const values = Float32Array.of(7, 0.5, 1, 1.5).subarray(1);
    gatherInputs(floats.subarray(1, 4), { values, size: 1 }, order, 0, 3);
    expect(floats).toEqual(Float32Array.of(9, 1.5, 0.5, 1, 9));
  });

  it("hold a one at each class, or the numbers as they are", () => {
    const target = new Float32Array(6).fill(9);
    gatherTargets(target, [0, 2, 1], { units: 3, isIndex: true, labelSmoothing: 0 }, order, 0, 2);
    expect(target).toEqual(Float32Array.of(0, 1, 0, 1, 0, 0));
    gatherTargets(target, [0.5, 1, 2, 3, 4, 5], { units: 2, isIndex: false, labelSmoothing: 0 }, order, 0, 3);
    expect(target).toEqual(Float32Array.of(4, 5, 0.5, 1, 2, 3));
  });
});
