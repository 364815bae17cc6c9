import { Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import type { Initializer, InitializerName } from "@argmin/nn";
import { checkInitializer, initialize } from "../../src/initializers/initializer.ts";

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
  const variances: { readonly [K in Exclude<InitializerName, "zeros" | "ones" | "orthogonal">]: number } = {
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

describe("variance scaling of one's own", () => {
  for (const [mode, fan] of [
    ["fanIn", 30],
    ["fanOut", 50],
    ["fanAverage", 40],
  ] as const) {
    for (const distribution of ["uniform", "truncatedNormal", "untruncatedNormal"] as const) {
      it(`${distribution} over ${mode}`, () => {
        const { deviation, largest } = momentsOf(draw({ kind: "varianceScaling", scale: 3, mode, distribution }));
        const wanted = Math.sqrt(3 / fan);
        expect(Math.abs(deviation / wanted - 1)).toBeLessThan(0.02);
        const limits = { uniform: Math.sqrt(3), truncatedNormal: 2 / 0.8796256610342398, untruncatedNormal: 6 };
        expect(largest).toBeLessThanOrEqual(limits[distribution] * wanted * (1 + 1e-6));
      });
    }
  }

  it("has Keras's defaults, those of LeCun's normal", () => {
    expect(draw({ kind: "varianceScaling" })).toEqual(draw("lecunNormal"));
  });
});

describe("orthogonal", () => {
  /** The products of all pairs of rows (or of columns, the shorter axis) with each other. */
  function gramOf(values: Float32Array, rows: number, columns: number): number[] {
    const at = (vector: number, i: number) => (rows <= columns ? values[vector * columns + i]! : values[i * columns + vector]!);
    const count = Math.min(rows, columns);
    return Array.from({ length: count * count }, (_, pair) => {
      let sum = 0;
      for (let i = 0; i < Math.max(rows, columns); i++) sum += at(pair % count, i) * at(Math.floor(pair / count), i);
      return sum;
    });
  }

  for (const shape of [
    [12, 12],
    [7, 20],
    [20, 7],
    [8, 3, 3, 3],
    [40, 2, 3, 3],
    [1, 5],
  ]) {
    it(`rows or columns of [${shape.join(", ")}] are orthonormal, times the gain`, () => {
      const rows = shape[0]!;
      const values = initialize({ kind: "orthogonal", gain: 2 }, shape, fans, Rng.fromSeed(3));
      const count = Math.min(rows, values.length / rows);
      gramOf(values, rows, values.length / rows).forEach((product, pair) => {
        expect(product).toBeCloseTo(pair % count === Math.floor(pair / count) ? 4 : 0, 5);
      });
    });
  }

  it("is spread evenly: every entry of a rotation has mean 0 and variance 1 / size", () => {
    const draws = Array.from({ length: 2000 }, (_, seed) => initialize("orthogonal", [3, 3], fans, Rng.fromSeed(seed)));
    for (let entry = 0; entry < 9; entry++) {
      const { mean, deviation } = momentsOf(Float32Array.from(draws, (values) => values[entry]!));
      // Four deviations of the estimates: a diagonal without the signs of R would have a mean of half its deviation.
      expect(Math.abs(mean)).toBeLessThan((4 * Math.sqrt(1 / 3)) / Math.sqrt(2000));
      expect(Math.abs(deviation ** 2 - 1 / 3)).toBeLessThan(0.04);
    }
  });

  it("is nothing for a bias", () => {
    expect(() => initialize("orthogonal", [8], fans, Rng.fromSeed(0))).toThrow(
      "An orthogonal initializer wants a kernel, not a weight of [8]; choose zeros for it.",
    );
  });
});

describe("what makes no distribution is refused", () => {
  const check = (json: string) => () => checkInitializer(JSON.parse(json), "A dense layer");
  it.each([
    ['"xavier"', /has no initializer "xavier"; choose one of zeros, .*, orthogonal\.$/],
    [
      '{"kind":"cauchy"}',
      /has no initializer of kind "cauchy"; choose one of constant, uniform, normal, varianceScaling, orthogonal\.$/,
    ],
    ['{"kind":"uniform","low":2,"high":1}', /cannot draw from uniform {"low":2,"high":1}; give finite numbers in order\.$/],
    ['{"kind":"normal","deviation":1}', /give it a mean and a deviation/],
    ['{"kind":"varianceScaling","scale":0}', /give it a scale above 0\.$/],
    ['{"kind":"varianceScaling","mode":"fan"}', /its modes are fanIn, fanOut, fanAverage\.$/],
    [
      '{"kind":"varianceScaling","distribution":"normal"}',
      /its distributions are uniform, truncatedNormal, untruncatedNormal\.$/,
    ],
    ['{"kind":"orthogonal","gain":1e999}', /give finite numbers\.$/],
  ])("%s", (json, message) => {
    expect(check(json)).toThrow(message);
  });
});
