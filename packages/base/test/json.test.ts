import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, hashJson, isArgminError, isJsonObject, parseJson } from "@argmin/base";

const invalid = expect.toSatisfy((e) => isArgminError(e, "json/invalid"));

/** The same value with every object's members in the opposite order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, reordered(member)] as const)
      .toReversed(),
  );
}

describe("canonicalJson", () => {
  it("sorts keys by code unit, drops absent members and writes -0 as 0", () => {
    expect(canonicalJson({ b: [1, -0, 2.5e-9], a: undefined, é: null, B: { y: true, x: "\u2028" } })).toBe(
      '{"B":{"x":"\u2028","y":true},"b":[1,0,2.5e-9],"é":null}',
    );
  });

  it("does not depend on the order of members", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
        expect(hashJson(reordered(value))).toBe(hashJson(value));
      }),
    );
  });

  it("means the same value, and is its own canonical form", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(parseJson(text, "a value"))).toBe(text);
      }),
    );
  });

  it("tells values apart that only look alike", () => {
    const texts = [1, "1", true, "true", null, "null", [], {}, [1], [[1]], { a: 1 }, { a: "1" }].map(canonicalJson);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("refuses what JSON has no word for, with its place", () => {
    expect(() => canonicalJson({ a: [1, { b: NaN }] })).toThrow("JSON has no word for NaN at $.a[1].b");
    for (const value of [
      Infinity,
      undefined,
      1n,
      Symbol("s"),
      () => 1,
      [undefined],
      new Map(),
      new Date(0),
      new Float64Array(2),
    ]) {
      expect(() => canonicalJson(value)).toThrow(invalid);
    }
  });
});

describe("hashJson", () => {
  it("is SHA-256 of the canonical text, so that hashes hold across versions and machines", () => {
    // printf '{"a":0,"b":[true,"x"]}' | sha256sum
    expect(hashJson({ b: [true, "x"], a: -0 })).toBe("d5ac0cad6b8d129e57b94c1a37e0469c40acec69d215adb46a974cef52855896");
  });
});

describe("parseJson", () => {
  it("names what could not be parsed", () => {
    expect(parseJson("[1]", "a list")).toEqual([1]);
    expect(() => parseJson("{", "the space of study 'a'")).toThrow(/^the space of study 'a' is not valid JSON/);
    expect(() => parseJson("", "nothing")).toThrow(invalid);
  });

  it("tells objects from everything else", () => {
    expect(isJsonObject({})).toBe(true);
    for (const value of [[], null, 1, "x", undefined]) expect(isJsonObject(value)).toBe(false);
  });
});
