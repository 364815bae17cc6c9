import { compileSpace, createEnumeration, hp } from "@argmin/search";
import { finiteSpace } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";

describe("the size of a space", () => {
  it("is exact and costs nothing, however large", () => {
    const space = compileSpace(Array.from({ length: 40 }, () => hp.int(1, 1000)));
    expect(space.size()).toBe(1000n ** 40n);
    const last = createEnumeration(space.parameters)?.at(1000n ** 40n - 1n);
    expect(new Set(Object.values(last ?? {}))).toEqual(new Set([1000]));
  });

  it("adds the options of a choice and multiplies what is independent", () => {
    const space = compileSpace({
      optimizer: hp.choice([
        { kind: "sgd", momentum: hp.quniform(0, 0.9, 0.1) },
        { kind: "adam" },
        hp.choice([1, 2, hp.randint(4)]),
      ]),
      batch: hp.int(8, 128, { step: 8 }),
      fixed: 3,
    });
    expect(space.size()).toBe((10n + 1n + 6n) * 16n);
  });

  it("counts a parameter that stands in several places once", () => {
    expect(finiteSpace.size()).toBe(80n);
  });

  it("stays computable where many choices share a parameter", () => {
    const shared = hp.int(1, 3, { label: "shared" });
    const space = compileSpace(Array.from({ length: 60 }, () => hp.choice([0, { shared }])));
    // Without the parameter there is one way to choose; with it, all the others, times its three values.
    expect(space.size()).toBe(1n + (2n ** 60n - 1n) * 3n);
  });

  it("is infinite if one parameter's is, active or not", () => {
    expect(compileSpace({ a: hp.uniform(0, 1) }).size()).toBe(Number.POSITIVE_INFINITY);
    expect(compileSpace({ a: hp.choice([1, { b: hp.qnormal(0, 1, 1) }]) }).size()).toBe(Number.POSITIVE_INFINITY);
    expect(compileSpace({ a: 1 }).size()).toBe(1n);
  });
});

it("an enumeration goes through the values as nested loops do", () => {
  const space = compileSpace({ a: hp.choice(["x", { b: hp.int(1, 2) }]), c: hp.randint(2) });
  const all = createEnumeration(space.parameters);
  expect(Array.from({ length: 6 }, (_, i) => all?.at(BigInt(i)))).toEqual([
    { a: 0, c: 0 },
    { a: 0, c: 1 },
    { a: 1, "a[1].b": 1, c: 0 },
    { a: 1, "a[1].b": 1, c: 1 },
    { a: 1, "a[1].b": 2, c: 0 },
    { a: 1, "a[1].b": 2, c: 1 },
  ]);
});
