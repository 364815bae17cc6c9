import { counted } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { durationWords, nameWords, numberWords, shareText } from "../../src/scale/words.ts";

describe("words", () => {
  it.each([
    [0, "0"],
    [0.67614, "0.676"],
    [-0.5, "−0.5"],
    [12_345, "12,345"],
    [12_345.678, "12,346"],
    [1_234_567, "1.23 million"],
    [3e12, "3 trillion"],
    [0.00003, "3 × 10⁻⁵"],
    [1e-10, "10⁻¹⁰"],
    [2.5e20, "2.5 × 10²⁰"],
    [Number.NaN, "undefined"],
    [Number.POSITIVE_INFINITY, "infinite"],
    [Number.NEGATIVE_INFINITY, "minus infinite"],
  ])("%d is %s", (value, words) => {
    expect(numberWords(value)).toBe(words);
  });

  it.each([
    [0, "0 ms"],
    [5, "5 ms"],
    [2500, "2.5 s"],
    [59_700, "1 min"],
    [200_000, "3 min 20 s"],
    [3_599_900, "1 h"],
    [7_500_000, "2 h 5 min"],
    [86_400_000, "1 day"],
    [86_400_000 * 4 + 10_800_000, "4 days 3 h"],
  ])("%d milliseconds are %s", (milliseconds, words) => {
    expect(durationWords(milliseconds)).toBe(words);
  });

  it("count", () => {
    expect(counted(1, "trial")).toBe("1 trial");
    expect(counted(20_000, "trial")).toBe("20,000 trials");
  });

  it("take names from code apart", () => {
    expect(["fineAccuracy", "fine_accuracy", "valLoss2", "AUC"].map(nameWords)).toEqual([
      "fine accuracy",
      "fine accuracy",
      "val loss2",
      "AUC",
    ]);
  });

  it("write shares", () => {
    expect([0, 1e-9, 0.004, 0.41, 1].map(shareText)).toEqual(["0 %", "< 0.1 %", "0.4 %", "41 %", "100 %"]);
  });
});
