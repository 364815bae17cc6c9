import { canonicalJson, Rng } from "@argmin/base";
import { createEnumeration, createSampler, nearest, spaceFromJson } from "@argmin/search";
import { contextOf } from "@argmin/search/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allConfigurations, anySpace, assignmentFrom, smallSpace, someUnits } from "./arbitrary.ts";

describe("any space", () => {
  it("takes back what it describes", () => {
    fc.assert(
      fc.property(anySpace, someUnits, (space, units) => {
        const assignment = assignmentFrom(space, units);
        expect(space.encode(space.describe(assignment))).toEqual(assignment);
        expect(space.encode(JSON.parse(JSON.stringify(space.describe(assignment))))).toEqual(assignment);
      }),
    );
  });

  it("finds the assignment of a sample, or another one with the same sample", () => {
    fc.assert(
      fc.property(anySpace, someUnits, (space, units) => {
        const sample = space.decode(assignmentFrom(space, units));
        expect(space.decode(space.encode(sample))).toEqual(sample);
      }),
    );
  });

  it("has effective assignments that are valid, unchanged by a second pass, and decode to the same", () => {
    fc.assert(
      fc.property(anySpace, someUnits, (space, units) => {
        const loose = Object.fromEntries(
          space.parameters.map(({ label, domain }, i) => [label, nearest(domain, 1 + 5 * units[i % 12]!)]),
        );
        const assignment = space.effective(loose);
        space.validate(assignment);
        expect(space.effective(assignment)).toEqual(assignment);
        expect(space.hash(assignment)).toBe(space.hash(loose));
        expect(space.decode(assignment)).toEqual(space.decode(loose));
      }),
    );
  });

  it("is sampled within its bounds", () => {
    const random = createSampler("random");
    fc.assert(
      fc.property(anySpace, fc.nat(), (space, seed) => {
        const assignment = random.suggest(contextOf(space, { seed }));
        space.validate(assignment);
        expect(space.effective(assignment)).toEqual(assignment);
      }),
    );
  });

  it("goes to JSON and comes back equal", () => {
    fc.assert(
      fc.property(anySpace, someUnits, (space, units) => {
        const again = spaceFromJson(JSON.parse(JSON.stringify(space.toJson())));
        expect(again.toJson()).toEqual(space.toJson());
        expect(again.parameters).toEqual(space.parameters);
        const assignment = assignmentFrom(space, units);
        expect(again.decode(assignment)).toEqual(space.decode(assignment));
        expect(again.describe(assignment)).toEqual(space.describe(assignment));
        expect(again.hash(assignment)).toBe(space.hash(assignment));
        expect(again.size()).toBe(space.size());
      }),
    );
  });
});

describe("a small space", () => {
  it("is counted as by listing it, and its enumeration is the list", () => {
    fc.assert(
      fc.property(smallSpace, (space) => {
        const expected = allConfigurations(space);
        expect(space.size()).toBe(BigInt(expected.size));
        const all = createEnumeration(space.parameters);
        const listed = new Set(Array.from(expected, (_, i) => canonicalJson(all?.at(BigInt(i)))));
        expect(listed).toEqual(expected);
      }),
    );
  });

  it("is walked by a shuffled grid without leaving out or repeating a configuration", () => {
    fc.assert(
      fc.property(smallSpace, fc.nat(), (space, seed) => {
        const grid = createSampler("grid", { order: "shuffled", seed });
        const size = Number(space.size());
        fc.pre(size <= 300);
        const hashes = new Set(
          Array.from({ length: size }, (_, number) => space.hash(grid.suggest(contextOf(space, { number })))),
        );
        expect(hashes.size).toBe(size);
      }),
    );
  });
});

it("a label's draws do not depend on the rest of the space", () => {
  fc.assert(
    fc.property(anySpace, fc.nat(), (space, seed) => {
      const random = createSampler("random");
      const whole = random.suggest(contextOf(space, { seed }));
      const rng = Rng.fromSeed(seed).split("sampler", 0, 0);
      for (const parameter of space.parameters.filter(({ condition }) => condition === "always")) {
        const alone = spaceFromJson({
          ...space.toJson(),
          parameters: space.parameters.map(({ label, distribution }) => ({ label, distribution })).toReversed(),
        });
        const again = random.suggest({ ...contextOf(alone, { seed }), rng });
        expect(again[parameter.label]).toBe(whole[parameter.label]);
      }
    }),
  );
});
