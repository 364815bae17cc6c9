import { Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import type { Initializer, InitializerName } from "@argmin/nn";
import { initialize } from "../../src/initializers/initializer.ts";

const fans = { fanIn: 30, fanOut: 50 };

function draw(initializer: Initializer, seed = 7): Float32Array {
  return initialize(initializer, [100, 200], fans, Rng.fromSeed(seed));
}

function momentsOf(values: Float32Array): { mean: number; deviation: number; largest: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { mean, deviation: Math.sqrt(variance), largest };
}

describe("variance scaling", () => {
  // Keras 3's documentation: uniform limits √(3 · scale), truncated normals cut at two deviations.
  const variances: { readonly [K in Exclude<InitializerName, "zeros" | "ones">]: number } = {
    glorotUniform: 2 / 80,
    glorotNormal: 2 / 80,
    heUniform: 2 / 30,
    heNormal: 2 / 30,
    lecunUniform: 1 / 30,
    lecunNormal: 1 / 30,
  };
  for (const name of ["glorotUniform", "glorotNormal", "heUniform", "heNormal", "lecunUniform", "lecunNormal"] as const) {
    it(`${name} has its variance and stays inside its limits`, () => {
      const { mean, deviation, largest } = momentsOf(draw(name));
      const wanted = Math.sqrt(variances[name]);
      // Four deviations of the estimates from 20,000 draws.
      expect(Math.abs(mean)).toBeLessThan(4 * (wanted / Math.sqrt(20_000)));
      expect(Math.abs(deviation / wanted - 1)).toBeLessThan(0.02);
      const limit = name.endsWith("Uniform") ? Math.sqrt(3) * wanted : (2 * wanted) / 0.8796256610342398;
      expect(largest).toBeLessThanOrEqual(limit * (1 + 1e-6));
      expect(largest).toBeGreaterThan(0.98 * limit);
    });
  }
});

describe("given distributions", () => {
  it("are met", () => {
    expect(new Set(draw("zeros"))).toEqual(new Set([0]));
    expect(new Set(draw("ones"))).toEqual(new Set([1]));
    expect(new Set(draw({ kind: "constant", value: 0.5 }))).toEqual(new Set([0.5]));
    const uniform = draw({ kind: "uniform", low: 2, high: 3 });
    expect(uniform.every((value) => value >= 2 && value <= 3)).toBe(true);
    expect(Math.abs(momentsOf(draw({ kind: "normal", mean: 5, deviation: 2 })).mean - 5)).toBeLessThan(0.06);
    expect(momentsOf(draw({ kind: "normal", mean: 0, deviation: 1, truncated: true })).largest).toBeLessThanOrEqual(2);
  });

  it("depend on the stream alone", () => {
    expect(draw("heNormal")).toEqual(draw("heNormal"));
    expect(draw("heNormal")).not.toEqual(draw("heNormal", 8));
  });
});
