import { describe, expect, it } from "vitest";
import { ArgminError, assertNever, isArgminError, messageOf } from "@argmin/base";

describe("ArgminError", () => {
  it("carries code, message, name and cause", () => {
    const cause = new Error("below");
    const error = new ArgminError("value/invalid", "found, wanted, way out", { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      "ArgminError",
      "value/invalid",
      "found, wanted, way out",
      cause,
    ]);
    expect(String(error)).toBe("ArgminError: found, wanted, way out");
  });

  it("is recognised, by its code too", () => {
    const error = new ArgminError("study/missing", "x");
    expect(isArgminError(error)).toBe(true);
    expect(isArgminError(error, "study/missing")).toBe(true);
    expect(isArgminError(error, "study/exists")).toBe(false);
    expect(isArgminError(new Error("study/missing"))).toBe(false);
    expect(isArgminError(undefined)).toBe(false);
  });
});

describe("messageOf", () => {
  it("reads whatever was thrown", () => {
    expect(messageOf(new Error("a"))).toBe("a");
    expect(messageOf("b")).toBe("b");
    expect(messageOf(undefined)).toBe("undefined");
    expect(messageOf(Symbol("c"))).toBe("Symbol(c)");
  });
});

describe("assertNever", () => {
  it("says what came where nothing should", () => {
    expect(() => Reflect.apply(assertNever, undefined, [{ kind: "new" }])).toThrow('internal: unexpected {"kind":"new"}');
  });
});
