import { Rng } from "@argmin/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPermutation } from "../../src/sampler/permutation.ts";

describe("a pseudo-random permutation", () => {
  it("has every number once, for every size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600 }), fc.nat(), (size, seed) => {
        const permute = createPermutation(BigInt(size), Rng.fromSeed(seed));
        const images = Array.from({ length: size }, (_, i) => Number(permute(BigInt(i)))).toSorted((a, b) => a - b);
        expect(images).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
  });

  it("leaves no visible order: neighbours are far apart and every part is hit alike", () => {
    const size = 100_000n;
    const permute = createPermutation(size, Rng.fromSeed("order"));
    const images = Array.from({ length: 2000 }, (_, i) => Number(permute(BigInt(i))));
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const image of images) tenths[Math.floor(image / 10_000)]! += 1;
    for (const count of tenths) expect(Math.abs(count - 200)).toBeLessThan(70);
    const steps = images.slice(1).map((image, i) => Math.abs(image - images[i]!));
    const meanStep = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    expect(meanStep / Number(size)).toBeGreaterThan(0.28);
    expect(meanStep / Number(size)).toBeLessThan(0.39);
  });

  it("stays within sizes beyond floating-point numbers", () => {
    const size = 10n ** 40n + 7n;
    const permute = createPermutation(size, Rng.fromSeed(1));
    const images = new Set(Array.from({ length: 200 }, (_, i) => permute(size - 1n - BigInt(i))));
    expect(images.size).toBe(200);
    for (const image of images) expect(image >= 0n && image < size).toBe(true);
  });
});
