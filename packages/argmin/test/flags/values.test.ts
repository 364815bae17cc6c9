import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flags } from "../../src/flags/flags.ts";

describe("durations", () => {
  const read = (text: string): number => flags.timeout.parse(text, "timeout");

  it.each([
    ["500ms", 500],
    ["90s", 90_000],
    ["10m", 600_000],
    ["1.5h", 5_400_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
  ])("%s is %d ms", (text, milliseconds) => expect(read(text)).toBe(milliseconds));

  it.each(["", "10", "m", "10x", "10 m", "-5s", "0s", "1h junk", "1e99h", "NaNs"])("refuses %j", (text) => {
    expect(() => read(text)).toThrow(/^--timeout .* is not understood; give a time/);
  });
});

describe("sizes", () => {
  const read = (text: string): number => flags["memory-limit"].parse(text, "memory-limit");

  it.each([
    ["512M", 512 * 2 ** 20],
    ["4G", 4 * 2 ** 30],
    ["1.5g", 1.5 * 2 ** 30],
    ["2GiB", 2 * 2 ** 30],
    ["102400K", 100 * 2 ** 20],
  ])("%s is %d bytes", (text, bytes) => expect(read(text)).toBe(bytes));

  it.each(["", "512", "1M", "4X", "-4G", "G", "99999999T"])("refuses %j", (text) => {
    expect(() => read(text)).toThrow(/^--memory-limit .* is not understood; give a size/);
  });
});

describe("whole numbers", () => {
  it("are read back as they were written", () => {
    fc.assert(fc.property(fc.nat(), (seed) => flags.seed.parse(String(seed), "seed") === seed));
  });

  it.each(["", "1.5", "-1", "1e3", "0x10", "ten", "9007199254740993"])("refuses %j", (text) => {
    expect(() => flags.seed.parse(text, "seed")).toThrow(/whole number from 0 on/);
  });

  it("stay within their range", () => {
    expect(() => flags.trials.parse("0", "trials")).toThrow(/whole number from 1 to/);
    expect(() => flags.workers.parse("5000", "workers")).toThrow(/whole number from 1 to 1024/);
  });
});

describe("words", () => {
  it("are one of a few, and the nearest is named", () => {
    expect(flags.format.parse("csv", "format")).toBe("csv");
    expect(() => flags.state.parse("complet", "state")).toThrow(/one of waiting, .* Did you mean 'complete'\?/);
  });
});

describe("numbers", () => {
  it.each([
    ["0.99", 0.99],
    ["-1e-3", -0.001],
  ])("%s is %d", (text, value) => expect(flags.target.parse(text, "target")).toBe(value));

  it.each(["", "abc", "NaN", "Infinity"])("refuses %j", (text) => {
    expect(() => flags.target.parse(text, "target")).toThrow(/give a number/);
  });
});

describe("counts", () => {
  const read = (text: string): number => flags["max-params"].parse(text, "max-params");

  it.each([
    ["1", 1],
    ["800K", 800_000],
    ["1.5m", 1_500_000],
    ["2G", 2e9],
  ])("%s is %d", (text, count) => expect(read(text)).toBe(count));

  it.each(["", "0", "0.5", "5X", "-1", "1e6", "M", "9999999T"])("refuses %j", (text) => {
    expect(() => read(text)).toThrow(/give a count above 0 such as 800K, 5M or 2G/);
  });
});
