import { Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { gatherInputs, gatherTargets, MaskWriter } from "../../src/training/batches.ts";

describe("dropout masks", () => {
  const writer = new MaskWriter();
  const write = (length: number, rate: number, seed = 1): Float32Array => {
    const mask = new Float32Array(length).fill(NaN);
    writer.write(mask, rate, Rng.fromSeed(seed));
    return mask;
  };

  it("drop their share and scale up the rest so that the sum stays", () => {
    for (const rate of [0.1, 0.25, 0.5, 0.9]) {
      const mask = write(40_001, rate);
      const dropped = mask.filter((factor) => factor === 0).length / mask.length;
      expect(Math.abs(dropped - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / mask.length));
      for (const factor of new Set(mask.filter((value) => value !== 0)))
        expect(Math.abs(factor * (1 - rate) - 1)).toBeLessThan(1e-4);
    }
  });

  it("are the stream's halves, lower first, against the rate", () => {
    const words = new Uint32Array(4);
    Rng.fromSeed(1).fillUint32(words);
    const kept = [...words].flatMap((word) => [word & 0xffff, word >>> 16]).map((half) => half >= 0x4000);
    expect(Array.from(write(7, 0.25), (factor) => factor > 0)).toEqual(kept.slice(0, 7));
  });

  it("of a length are the same after a longer one, and others with another stream", () => {
    const mask = write(9, 0.5);
    write(100, 0.5);
    expect(write(9, 0.5)).toEqual(mask);
    expect(write(64, 0.5, 2)).not.toEqual(write(64, 0.5));
  });

  it("keep something of a rate next to 1", () => {
    const factors = new Set(write(1_000_000, 0.999999));
    expect(factors).toEqual(new Set([0, 65_536]));
  });
});

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
