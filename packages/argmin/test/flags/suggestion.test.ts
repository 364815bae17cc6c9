import { describe, expect, it } from "vitest";
import { didYouMean, nearest } from "../../src/flags/suggestion.ts";

const words = ["run", "estimate", "trials", "best", "show", "export", "reset", "list"];

describe("nearest", () => {
  it.each([
    ["runn", "run"],
    ["tirals", "trials"],
    ["bset", "best"],
    ["est", "estimate"],
    ["exprot", "export"],
  ])("takes %s for %s", (typed, meant) => expect(nearest(typed, words)).toBe(meant));

  it("has no idea what a word far from all others means", () => {
    expect(nearest("frobnicate", words)).toBeUndefined();
    expect(didYouMean("x", words)).toBe("");
  });
});
