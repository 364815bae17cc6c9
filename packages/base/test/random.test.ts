import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isArgminError, Rng } from "@argmin/base";

const invalid = expect.toSatisfy((e) => isArgminError(e, "value/invalid"));
const key = fc.oneof(fc.string(), fc.integer());

function draws(rng: Rng, count = 8): number[] {
  return Array.from({ length: count }, () => rng.uint32());
}

function floats(rng: Rng, count: number): number[] {
  return Array.from({ length: count }, () => rng.float());
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = mean(a.map((x, i) => (x - ma) * (b[i]! - mb)));
  return covariance / Math.sqrt(mean(a.map((x) => (x - ma) ** 2)) * mean(b.map((x) => (x - mb) ** 2)));
}

describe("streams", () => {
  it("stay what they were in the first release: studies on disk rely on it", () => {
    const rng = Rng.fromSeed(0);
    expect(draws(rng, 4)).toEqual([72007367, 2940487773, 2263934040, 3306009634]);
    expect(rng.float()).toBe(0.5398996148319453);
    expect(rng.normal()).toBe(1.6020893130871794);
    expect(rng.integer(1000)).toBe(973);
    expect([...rng.permutation(6)]).toEqual([1, 0, 4, 3, 2, 5]);
    expect(draws(Rng.fromSeed("a seed"), 2)).toEqual([4294893940, 3235473908]);
    expect(draws(Rng.fromSeed(-1.5), 2)).toEqual([449311090, 1364908861]);
    expect(draws(Rng.fromSeed(3).split("sampler", 7, 0).split("optimizer.lr"), 2)).toEqual([3754531362, 3845375014]);
  });

  it("run as xoshiro128** does from a given state", () => {
    // The generator's recurrence in 64-bit whole numbers, as its authors publish it.
    const mask = 0xffffffffn;
    const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
    const start = [1, 2, 3, 4];
    const rng = Rng.fromState([0, 0, 0, 0, ...start]);
    const s = start.map(BigInt);
    const expected = Array.from({ length: 100 }, () => {
      const result = (rotate((s[1]! * 5n) & mask, 7n) * 9n) & mask;
      const t = (s[1]! << 9n) & mask;
      s[2]! ^= s[0]!;
      s[3]! ^= s[1]!;
      s[1]! ^= s[2]!;
      s[0]! ^= s[3]!;
      s[2]! ^= t;
      s[3] = rotate(s[3]!, 11n);
      return Number(result);
    });
    expect(draws(rng, 100)).toEqual(expected);
  });

  it("refuse seeds that are no seed", () => {
    for (const seed of [NaN, Infinity, -Infinity]) expect(() => Rng.fromSeed(seed)).toThrow(invalid);
  });

  it("keep the number 1, the text '1' and neighbouring seeds apart, and 0 and -0 together", () => {
    const firsts = [1, "1", 2, "#1", "$1", "", " ", 1.5, 1e300].map((seed) => draws(Rng.fromSeed(seed), 2).join());
    expect(new Set(firsts).size).toBe(firsts.length);
    expect(draws(Rng.fromSeed(-0))).toEqual(draws(Rng.fromSeed(0)));
  });
});

describe("split", () => {
  it("depends on the names alone, not on what was drawn, and does not advance the parent", () => {
    fc.assert(
      fc.property(key, key, fc.nat(20), (seed, name, advance) => {
        const parent = Rng.fromSeed(seed);
        const early = draws(parent.split(name));
        draws(parent, advance);
        expect(draws(parent.split(name))).toEqual(early);
        const other = Rng.fromSeed(seed);
        other.split(name);
        expect(draws(other)).toEqual(draws(Rng.fromSeed(seed)));
      }),
    );
  });

  it("by several names is a split of splits", () => {
    fc.assert(
      fc.property(key, key, key, (seed, a, b) => {
        const root = Rng.fromSeed(seed);
        expect(draws(root.split(a, b))).toEqual(draws(root.split(a).split(b)));
      }),
    );
  });

  it("gives different streams for different paths", () => {
    const root = Rng.fromSeed(1);
    const paths = [
      [],
      ["a"],
      ["b"],
      ["a", "b"],
      ["b", "a"],
      ["ab"],
      ["a", "b", "c"],
      ["ab", "c"],
      ["a", "bc"],
      [0],
      ["0"],
      [1],
      ["state"],
    ];
    const streams = paths.map((path) => draws(root.split(...path), 2).join());
    expect(new Set(streams).size).toBe(paths.length);
    const many = Array.from({ length: 20_000 }, (_, i) => draws(root.split("trial", i), 2).join());
    expect(new Set(many).size).toBe(many.length);
  });

  it("gives uncorrelated streams, neighbours and parents included", () => {
    const root = Rng.fromSeed("independence");
    const streams = [root, root.split(0), root.split(1), root.split("0"), root.split(0, 0)].map((rng) => floats(rng, 4000));
    for (const [i, a] of streams.entries()) {
      // 4.5 standard errors; ten pairs.
      for (const b of streams.slice(i + 1)) expect(Math.abs(correlation(a, b))).toBeLessThan(4.5 / Math.sqrt(4000));
    }
  });

  it("has first draws that are uniform over many siblings", () => {
    const root = Rng.fromSeed(9);
    const firsts = Array.from({ length: 20_000 }, (_, i) => root.split(i).float());
    expect(Math.abs(mean(firsts) - 0.5)).toBeLessThan((4.5 * Math.sqrt(1 / 12)) / Math.sqrt(20_000));
    expect(Math.abs(correlation(firsts.slice(0, -1), firsts.slice(1)))).toBeLessThan(4.5 / Math.sqrt(20_000));
    const cells = Array.from({ length: 64 }, () => 0);
    for (const x of firsts) cells[Math.floor(x * 64)]! += 1;
    const expected = 20_000 / 64;
    const chiSquared = cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // 63 degrees of freedom: mean 63, deviation 11.2.
    expect(chiSquared).toBeGreaterThan(25);
    expect(chiSquared).toBeLessThan(115);
  });
});

describe("state", () => {
  it("goes through JSON and continues the stream and its splits", () => {
    fc.assert(
      fc.property(key, fc.nat(30), (seed, advance) => {
        const rng = Rng.fromSeed(seed);
        draws(rng, advance);
        const copy = Rng.fromState(JSON.parse(JSON.stringify(rng.state())));
        expect(draws(copy)).toEqual(draws(rng));
        expect(draws(copy.split("x"))).toEqual(draws(rng.split("x")));
      }),
    );
  });

  it("refuses what was never a state", () => {
    for (const state of [[], [1, 2, 3], [1, 2, 3, 4, 0, 0, 0, 0]]) expect(() => Rng.fromState(state)).toThrow(invalid);
  });
});

describe("distributions", () => {
  it("fill as many single draws would", () => {
    fc.assert(
      fc.property(key, fc.nat(50), (seed, count) => {
        const one = Rng.fromSeed(seed);
        const many = Rng.fromSeed(seed);
        const words = new Uint32Array(count);
        many.fillUint32(words);
        expect([...words]).toEqual(draws(one, count));
        expect(many.uint32()).toBe(one.uint32());
      }),
    );
  });

  it("set every bit as often as not", () => {
    const words = new Uint32Array(20_000);
    Rng.fromSeed(4).fillUint32(words);
    for (let bit = 0; bit < 32; bit++) {
      let ones = 0;
      for (const word of words) ones += (word >>> bit) & 1;
      expect(Math.abs(ones / words.length - 0.5)).toBeLessThan((4.5 * 0.5) / Math.sqrt(words.length));
    }
  });

  it("have the moments of the uniform and the normal distribution", () => {
    const rng = Rng.fromSeed(5);
    const uniform = Array.from({ length: 50_000 }, () => rng.uniform(-3, 5));
    expect(uniform.every((x) => x >= -3 && x < 5)).toBe(true);
    expect(mean(uniform)).toBeCloseTo(1, 1);
    expect(mean(uniform.map((x) => (x - 1) ** 2))).toBeCloseTo(64 / 12, 0);
    const normal = Array.from({ length: 50_000 }, () => rng.normal(2, 3));
    expect(mean(normal)).toBeCloseTo(2, 1);
    const z = normal.map((x) => (x - 2) / 3);
    expect(mean(z.map((x) => x ** 2))).toBeCloseTo(1, 1);
    expect(mean(z.map((x) => x ** 3))).toBeCloseTo(0, 0);
    expect(Math.abs(mean(z.map((x) => x ** 4)) - 3)).toBeLessThan(0.2);
    expect(mean(z.map((x) => Number(x < -1.959964)))).toBeCloseTo(0.025, 2);
  });

  it("draw betas of every shape that follow their distribution function", () => {
    const betas: readonly (readonly [number, number, (x: number) => number])[] = [
      [1, 1, (x) => x],
      [0.5, 0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
      [0.2, 1, (x) => x ** 0.2],
      [1, 5, (x) => 1 - (1 - x) ** 5],
      [2, 2, (x) => x * x * (3 - 2 * x)],
    ];
    for (const [a, b, cdf] of betas) {
      const rng = Rng.fromSeed(9).split(a, b);
      const sorted = Array.from({ length: 10_000 }, () => rng.beta(a, b)).sort((x, y) => x - y);
      // Kolmogorov and Smirnov's distance: beyond this once in a thousand times.
      const distance = Math.max(...sorted.map((x, i) => Math.abs(cdf(x) - (i + 0.5) / sorted.length)));
      expect(distance).toBeLessThan(1.95 / Math.sqrt(sorted.length));
    }
  });

  it("draw betas between 0 and 1 also where gamma variates underflow, and refuse shapes that are none", () => {
    const rng = Rng.fromSeed(10);
    const extreme = Array.from({ length: 1_000 }, () => rng.beta(1e-4, 1e-4));
    expect(extreme.every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(Math.abs(mean(extreme) - 0.5)).toBeLessThan(0.08);
    for (const shape of [0, -1, NaN, Infinity]) expect(() => rng.beta(1, shape)).toThrow(invalid);
  });

  it("draw whole numbers without bias, where a remainder would show one", () => {
    const rng = Rng.fromSeed(6);
    // 2^32 modulo this is half of it: a plain remainder would give the lower half two thirds of the draws.
    const count = 2 ** 31 + 2 ** 30;
    const low = mean(Array.from({ length: 20_000 }, () => Number(rng.integer(count) < count / 3)));
    expect(Math.abs(low - 1 / 3)).toBeLessThan(0.015);
    const faces = Array.from({ length: 7 }, () => 0);
    for (let i = 0; i < 21_000; i++) faces[rng.integer(7)]! += 1;
    for (const n of faces) expect(Math.abs(n - 3000)).toBeLessThan(4.5 * Math.sqrt(3000));
  });

  it("draw whole numbers of every allowed size, and refuse the rest", () => {
    const rng = Rng.fromSeed(7);
    expect(rng.integer(1)).toBe(0);
    for (const count of [2, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]) {
      for (let i = 0; i < 100; i++) {
        const n = rng.integer(count);
        expect(Number.isInteger(n) && n >= 0 && n < count).toBe(true);
      }
    }
    for (const count of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) expect(() => rng.integer(count)).toThrow(invalid);
  });

  it("permute: each number once, each order as often", () => {
    fc.assert(
      fc.property(fc.nat(60), key, (count, seed) => {
        const order = Rng.fromSeed(seed).permutation(count);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
    const rng = Rng.fromSeed(8);
    const orders = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = rng.shuffle(["a", "b", "c", "d"]).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    for (const n of orders.values()) expect(Math.abs(n - 500)).toBeLessThan(4.5 * Math.sqrt(500));
  });
});
