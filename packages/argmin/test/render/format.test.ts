import { describe, expect, it } from "vitest";
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatMagnitude,
  formatNumber,
  formatParameter,
  formatValue,
} from "../../src/render/format.ts";

describe("large counts", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [5_000, "5K"],
    [7_120_344, "7.12M"],
    [1.488e9, "1.49G"],
    [3e16, "30000T"],
  ])("%d is %s", (count, text) => expect(formatMagnitude(count)).toBe(text));
});

describe("times", () => {
  it.each([
    [0, "0 ms"],
    [850, "850 ms"],
    [999.7, "1.00 s"],
    [1234, "1.23 s"],
    [14_230, "14.2 s"],
    [59_960, "1m 00s"],
    [372_000, "6m 12s"],
    [3_599_900, "1h 00m"],
    [11_100_000, "3h 05m"],
    [86_399_000, "1d 00h"],
    [2_073_600_000, "24d 00h"],
  ])("%d ms reads %s", (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});

describe("numbers", () => {
  it.each([
    [0.99443661, "0.994437"],
    [12, "12"],
    [0.00001234567, "1.2346e-5"],
    [0.00001, "1e-5"],
    [123456789.5, "1.2346e+8"],
    [Number.NaN, "NaN"],
  ])("%d reads %s", (value, text) => expect(formatNumber(value)).toBe(text));

  it("set their thousands apart, however large", () => {
    expect(formatCount(43_200)).toBe("43,200");
    expect(formatCount(10n ** 20n)).toBe("100,000,000,000,000,000,000");
    expect(formatCount(Number.POSITIVE_INFINITY)).toBe("infinitely many");
  });

  it("of bytes read as they are typed", () => {
    expect(formatBytes(512 * 2 ** 20)).toBe("512M");
    expect(formatBytes(1.5 * 2 ** 30)).toBe("1.5G");
  });
});

describe("values", () => {
  it("of any kind are one short text", () => {
    expect([null, true, "relu", 0.1 + 0.2, [1, 2], { option: 1 }].map(formatValue)).toEqual([
      "null",
      "true",
      "relu",
      "0.3",
      "[1,2]",
      '{"option":1}',
    ]);
    expect(formatValue(undefined)).toBe("");
  });

  it("of parameters name the option", () => {
    expect([null, 3, "max", { option: 1, kind: "sgd" }, { option: 1 }].map(formatParameter)).toEqual([
      "none",
      "3",
      "max",
      "sgd",
      "option 1",
    ]);
  });

  it("of counts know one from many", () => {
    expect([0, 1, 1200].map((count) => formatAmount(count, "trial"))).toEqual(["0 trials", "1 trial", "1,200 trials"]);
  });
});
