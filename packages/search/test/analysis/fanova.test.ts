import {
  compileSpace,
  fanova,
  growForest,
  hp,
  surfacesOf,
  tableOf,
  type Assignment,
  type Fanova,
  type Space,
} from "@argmin/search";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anySpace } from "../space/arbitrary.ts";
import { mirrored, randomTrials } from "./studies.ts";

function analyzed(space: Space, count: number, valueOf: (assignment: Assignment) => number, seed = 1): Fanova {
  return fanova(growForest(tableOf(space, randomTrials(space, count, valueOf, seed), "minimize"))!, "minimize");
}

function shares({ importances }: Fanova): Readonly<Record<string, number>> {
  return Object.fromEntries(importances.parameters.map(({ label, importance }) => [label, importance]));
}

describe("fANOVA finds shares of variance that are known exactly", () => {
  it("of a sum: the squares of the weights, whatever the scales", () => {
    const space = compileSpace({
      plain: hp.uniform(-1, 3),
      log: hp.float(1e-4, 1, { log: true }),
      steps: hp.int(1, 50),
      nothing: hp.uniform(0, 1),
    });
    // Each term is even over an interval of length 1, 2 and 3: variances 1, 4 and 9 twelfths.
    const found = analyzed(
      space,
      1500,
      ({ plain, log, steps }) => plain! / 4 + (2 * Math.log10(log!)) / 4 + (3 * (steps! - 0.5)) / 50,
    );
    expect(shares(found)["plain"]).toBeCloseTo(1 / 14, 1);
    expect(shares(found)["log"]).toBeCloseTo(4 / 14, 1);
    expect(shares(found)["steps"]).toBeCloseTo(9 / 14, 1);
    expect(shares(found)["nothing"]).toBeLessThan(0.001);
    expect(found.explained).toBeGreaterThan(0.95);
  });

  it("of choices: options weigh as likely as they are", () => {
    const space = compileSpace({
      even: hp.choice(["a", "b", "c"]),
      uneven: hp.pchoice([
        [0.9, "often"],
        [0.1, "rarely"],
      ]),
    });
    // Variances 2/3 and 0.09 * 25.
    const found = analyzed(space, 600, ({ even, uneven }) => even! + 5 * uneven!);
    expect(shares(found)["even"]).toBeCloseTo(2 / 3 / (2 / 3 + 2.25), 6);
    expect(shares(found)["uneven"]).toBeCloseTo(2.25 / (2 / 3 + 2.25), 6);
  });

  it("of an interaction: nothing by themselves, everything together", () => {
    const space = compileSpace({ x: hp.uniform(-1, 1), y: hp.choice([false, true]) });
    const trials = randomTrials(space, 400, ({ x, y }) => (y === 1 ? x! : -x!));
    const forest = growForest(tableOf(space, trials, "minimize"))!;
    const found = shares(fanova(forest, "minimize"));
    // By chance the trials lean a little to one side.
    expect(found["x"]).toBeLessThan(0.1);
    expect(found["y"]).toBeLessThan(0.1);
    const [pair] = surfacesOf(forest, [["x", "y"]], "minimize");
    expect(pair!.interaction).toBeGreaterThan(0.85);
    expect(pair!.means[0]![1]).toBeLessThan(-0.8);
    expect(pair!.means[0]![0]).toBeGreaterThan(0.8);
  });

  it("of a conditional parameter: its variance where it is active, the difference between the branches to the choice", () => {
    const space = compileSpace({
      optimizer: hp.choice([{ kind: "sgd", momentum: hp.uniform(0, 1) }, { kind: "adam" }]),
    });
    const [choice, momentum] = space.parameters.map(({ label }) => label);
    // Half of the time active with variance 1/12; branch means 0.5 and 1, of variance 1/16.
    const whole = 1 / 24 + 1 / 16;
    const found = shares(analyzed(space, 800, (it) => it[momentum!] ?? 1));
    expect(found[choice!]).toBeCloseTo(1 / 16 / whole, 1);
    expect(found[momentum!]).toBeCloseTo(1 / 24 / whole, 1);
  });

  it("of a parameter that stands in branches of two choices", () => {
    const shared = hp.uniform(0, 1, { label: "shared" });
    const space = compileSpace({ first: hp.choice([{ shared }, 0]), second: hp.choice([{ shared }, 0]) });
    // Where it is not active it might as well be in the middle, so that only its own value matters.
    const found = shares(analyzed(space, 1500, (it) => it["shared"] ?? 0.5));
    expect(found["shared"]).toBeGreaterThan(0.8);
    expect(found["first"]! + found["second"]!).toBeLessThan(0.1);
  });

  it("draws curves in the objective's own sign and units", () => {
    const space = compileSpace({ x: hp.float(1, 100, { log: true }), kind: hp.choice(["a", "b"]) });
    const trials = randomTrials(space, 400, ({ x, kind }) => 10 * Math.log10(x!) + 100 * kind!);
    const { curves } = fanova(growForest(tableOf(space, trials, "maximize"))!, "maximize");
    const [x, kind] = curves;
    expect(x!.points[0]).toMatchObject({ value: 1, position: 0 });
    expect(x!.points.at(-1)!.mean - x!.points[0]!.mean).toBeCloseTo(20, -0.5);
    expect(kind!.points.map(({ value }) => value)).toEqual([0, 1]);
    expect(kind!.points[1]!.mean - kind!.points[0]!.mean).toBeCloseTo(100, 0);
  });
});

describe("properties of fANOVA", () => {
  it("shares are no less than 0 and sum to 1 at most, on any space and any values", () => {
    fc.assert(
      fc.property(anySpace, fc.integer({ min: 2, max: 60 }), fc.integer(), (space, count, seed) => {
        const trials = randomTrials(space, count, (_, rng) => rng.normal(), seed);
        const forest = growForest(tableOf(space, trials, "minimize"), { trees: 8 });
        if (forest === undefined) return;
        const importances = Object.values(shares(fanova(forest, "minimize")));
        for (const importance of importances) expect(importance).toBeGreaterThanOrEqual(0);
        expect(importances.reduce((sum, importance) => sum + importance, 0)).toBeLessThan(1 + 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it("singles and interactions of all pairs together sum to 1 at most", () => {
    const space = compileSpace({ x: hp.uniform(0, 1), y: hp.uniform(0, 1), z: hp.choice(["a", "b", "c"]) });
    const forest = growForest(
      tableOf(
        space,
        randomTrials(space, 120, ({ x, y, z }) => x! * y! + z! * x!),
        "minimize",
      ),
    )!;
    const pairs = surfacesOf(
      forest,
      [
        ["x", "y"],
        ["x", "z"],
        ["y", "z"],
      ],
      "minimize",
    );
    const singles = Object.values(shares(fanova(forest, "minimize"))).reduce((sum, share) => sum + share, 0);
    const together = pairs.reduce((sum, { interaction }) => sum + interaction, singles);
    expect(together).toBeGreaterThan(0.9);
    // The pairs are measured on a grid.
    expect(together).toBeLessThan(1.02);
  });

  it("does not depend on how a scale is written", () => {
    const scales = [
      { space: compileSpace({ x: hp.float(1e-3, 1e3, { log: true }) }), of: (unit: number) => 10 ** (6 * unit - 3) },
      { space: compileSpace({ x: hp.loguniform(Math.log(1e-3), Math.log(1e3)) }), of: (unit: number) => 10 ** (6 * unit - 3) },
      { space: compileSpace({ x: hp.uniform(5, 7) }), of: (unit: number) => 5 + 2 * unit },
    ];
    const [first, ...others] = scales.map(({ space, of }) => {
      const trials = Array.from({ length: 64 }, (_, number) => {
        const unit = ((number * 29) % 64) / 64;
        return { number, state: "complete" as const, value: Math.sin(9 * unit), assignment: { x: of(unit) } };
      });
      return fanova(growForest(tableOf(space, trials, "minimize"))!, "minimize").importances.parameters[0]!;
    });
    for (const other of others) {
      expect(other.importance).toBeCloseTo(first!.importance, 9);
      expect(other.standardError).toBeCloseTo(first!.standardError!, 9);
    }
  });

  it("neither the order of the trials nor the sign of the objective matters", () => {
    const space = compileSpace({ x: hp.uniform(0, 1), n: hp.int(1, 9), kind: hp.choice(["a", "b", "c"]) });
    const trials = randomTrials(space, 80, ({ x, n, kind }) => x! + n! * kind!);
    const of = (given: typeof trials, direction: "minimize" | "maximize"): unknown =>
      fanova(growForest(tableOf(space, given, direction), { seed: 3 })!, direction).importances;
    expect(of(trials.toReversed(), "minimize")).toEqual(of(trials, "minimize"));
    expect(of(mirrored(trials), "maximize")).toEqual(of(trials, "minimize"));
  });

  it("reports an error that is no smaller than what new trials change, and not many times larger", () => {
    const space = compileSpace({ x: hp.uniform(0, 1), y: hp.uniform(0, 1), z: hp.uniform(0, 1) });
    const runs = Array.from({ length: 8 }, (_, seed) => {
      const found = analyzed(space, 80, ({ x, y, z }) => 2 * x! + y! + x! * z!, seed);
      return found.importances.parameters.find(({ label }) => label === "x")!;
    });
    const mean = runs.reduce((sum, { importance }) => sum + importance, 0) / runs.length;
    const spread = Math.sqrt(runs.reduce((sum, { importance }) => sum + (importance - mean) ** 2, 0) / (runs.length - 1));
    const reported = runs.reduce((sum, { standardError }) => sum + standardError!, 0) / runs.length;
    expect(reported / spread).toBeGreaterThan(0.8);
    expect(reported / spread).toBeLessThan(4);
  });

  it("stays a number where trials lie at the very end of a range", () => {
    const space = compileSpace({ x: hp.uniform(0, 1), y: hp.uniform(0, 1) });
    const ends = [0, 0.5, 1 - 2 ** -53, 1];
    const trials = Array.from({ length: 40 }, (_, number) => {
      const assignment = { x: ends[number % 4]!, y: ((number * 7) % 40) / 40 };
      return { number, state: "complete" as const, value: (number % 4) ** 2, assignment };
    });
    const forest = growForest(tableOf(space, trials, "minimize"))!;
    for (const share of Object.values(shares(fanova(forest, "minimize")))) expect(share).toBeGreaterThanOrEqual(0);
    expect(surfacesOf(forest, [["x", "y"]], "minimize")[0]!.interaction).toBeGreaterThanOrEqual(0);
  });

  it("has nothing to grow where nothing differs", () => {
    const space = compileSpace({ x: hp.uniform(0, 1) });
    expect(growForest(tableOf(space, [], "minimize"))).toBeUndefined();
    expect(
      growForest(
        tableOf(
          space,
          randomTrials(space, 9, () => 0.1),
          "minimize",
        ),
      ),
    ).toBeUndefined();
  });

  it("offers no surface of a choice and a parameter that only exists in one of its options", () => {
    const space = compileSpace({
      kind: hp.choice([
        { name: "a", x: hp.uniform(0, 1) },
        { name: "b", y: hp.uniform(0, 1) },
      ]),
    });
    const forest = growForest(
      tableOf(
        space,
        randomTrials(space, 50, (_, rng) => rng.float()),
        "minimize",
      ),
    )!;
    const [kind, x, y] = space.parameters.map(({ label }) => label);
    expect(
      surfacesOf(
        forest,
        [
          [kind!, x!],
          [x!, y!],
          [x!, "unknown"],
        ],
        "minimize",
      ),
    ).toEqual([]);
  });
});
