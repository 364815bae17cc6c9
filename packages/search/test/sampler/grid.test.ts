import { compileSpace, createSampler, hp, openGrid, type Space, SpaceRecorder, distributionOf } from "@argmin/search";
import { contextOf, describeSampler } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";

for (const order of ["natural", "shuffled"]) {
  describeSampler({
    name: `grid, ${order} order`,
    make: (settings) => createSampler("grid", settings ?? { order, points: 4, seed: 11 }),
    traits: { exhaustive: true, orderFree: false, ignoresHistory: true },
  });
}

const natural = { order: "natural", seed: 0, points: null } as const;

/** The values that a grid takes of the space's one parameter. */
function pointsOf(space: Space, points: number | Readonly<Record<string, number>>): readonly number[] {
  const grid = openGrid(space, { ...natural, points });
  return Array.from({ length: Number(grid.size) }, (_, i) => Object.values(grid.at(BigInt(i)))[0]!);
}

describe("the grid", () => {
  const digits = compileSpace({
    batch_size: hp.choice([8, 16, 32, 64, 128]),
    optimizer: hp.choice(["Adam", "SGD", "Adamax", "Nadam"]),
    learning_rate: hp.choice([0.001, 0.002, 0.005, 0.01]),
    epochs: hp.choice([4, 8, 12]),
    activator: hp.choice(["softmax", "relu", "tanh", "sigmoid", "linear"]),
    dropout_rate1: hp.choice([0, 0.1, 0.25]),
    dropout_rate2: hp.choice([0, 0.1, 0.25, 0.5]),
    neurons: hp.choice([8, 16, 32]),
  });

  it("counts and opens 43,200 points without listing them", () => {
    const grid = openGrid(digits, natural);
    expect(grid.size).toBe(43_200n);
    expect(digits.decode(grid.at(43_199n))).toEqual({
      batch_size: 128,
      optimizer: "Nadam",
      learning_rate: 0.01,
      epochs: 12,
      activator: "linear",
      dropout_rate1: 0.25,
      dropout_rate2: 0.5,
      neurons: 32,
    });
  });

  it("has 43,200 different points, also shuffled", () => {
    for (const order of ["natural", "shuffled"] as const) {
      const grid = openGrid(digits, { ...natural, order });
      const seen = new Set<string>();
      for (let i = 0n; i < grid.size; i++) seen.add(Object.values(grid.at(i)).join());
      expect(seen.size).toBe(43_200);
    }
  });

  it("is not dearer with 10^12 points, or 10^60", () => {
    for (const length of [12, 60]) {
      const space = compileSpace(Array.from({ length }, () => hp.randint(10)));
      const sampler = createSampler("grid", { order: "shuffled", seed: 5 });
      const proposals = Array.from({ length: 50 }, (_, number) =>
        space.hash(sampler.suggest(contextOf(space, { number: number * 17 }))),
      );
      expect(new Set(proposals).size).toBe(50);
      expect(openGrid(space, natural).size).toBe(10n ** BigInt(length));
    }
  });

  it("is shuffled by its seed", () => {
    const first = (seed: number): unknown => openGrid(digits, { order: "shuffled", seed, points: null }).at(0n);
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it("takes as many points as it is told of what has infinitely many values", () => {
    expect(pointsOf(compileSpace(hp.uniform(0, 1)), 5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(pointsOf(compileSpace(hp.uniform(0, 1)), 1)).toEqual([0.5]);
    const decades = pointsOf(compileSpace(hp.float(1e-4, 1, { log: true })), 5);
    for (const [i, value] of [1e-4, 1e-3, 1e-2, 1e-1, 1].entries()) expect(decades[i]).toBeCloseTo(value, 12);
    const normal = pointsOf(compileSpace(hp.normal(10, 2)), 4);
    for (const [i, deviate] of [-1.1503493803760083, -0.31863936396437514, 0.31863936396437514, 1.1503493803760083].entries()) {
      expect(normal[i]).toBeCloseTo(10 + 2 * deviate, 10);
    }
    expect(pointsOf(compileSpace(hp.qnormal(0, 1, 1)), 9)).toEqual([-2, -1, 0, 1, 2]);
  });

  it("takes all values of what has finitely many, unless told otherwise by label", () => {
    const space = compileSpace({ n: hp.int(1, 100) });
    expect(pointsOf(space, 5)).toHaveLength(100);
    expect(pointsOf(space, { n: 4 })).toEqual([1, 34, 67, 100]);
    expect(pointsOf(space, { n: 1000 })).toHaveLength(100);
    expect(pointsOf(compileSpace({ n: hp.int(1, 64, { log: true }) }), { n: 4 })).toEqual([1, 4, 16, 64]);
  });

  it("cannot do without a number of points where there is no end to the values", () => {
    const space = compileSpace({ a: hp.int(1, 2), lr: hp.float(1e-5, 1e-1, { log: true }) });
    const suggest = (points: number | Readonly<Record<string, number>> | null): unknown =>
      createSampler("grid", { points }).suggest(contextOf(space));
    expect(() => suggest(null)).toThrow(expect.objectContaining({ code: "sampler/unsupported" }));
    expect(() => suggest(null)).toThrow("cannot list the values of 'lr', hp.float(0.00001, 0.1, { log: true })");
    expect(() => suggest({ a: 1 })).toThrow("'lr'");
    expect(suggest({ lr: 3 })).toEqual({ a: 1, lr: 1e-5 });
    expect(() => suggest({ rate: 3 })).toThrow("names 'rate', which is no parameter of the space");
    const choice = compileSpace({ c: hp.choice([1, 2]) });
    expect(() => createSampler("grid", { points: { c: 1 } }).suggest(contextOf(choice))).toThrow("names 'c', which is a choice");
  });

  it("cannot do with trials that ask for their parameters one by one", () => {
    const recorder = new SpaceRecorder();
    recorder.request("n", distributionOf(hp.int(1, 3)));
    expect(() => createSampler("grid").suggest(contextOf(recorder.space()))).toThrow("must know the whole space");
  });

  it("says how many points it had when it is used up", () => {
    const space = compileSpace({ a: hp.int(1, 3) });
    expect(() => createSampler("grid").suggest(contextOf(space, { number: 3 }))).toThrow(
      "has 3 points, all of which have been proposed",
    );
  });
});
