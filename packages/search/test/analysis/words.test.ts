import { compileSpace, hp, rangeText, valueText } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { numberText, optionText } from "../../src/analysis/words.ts";

describe("words", () => {
  it.each([
    [0.5, 0.8, "0.5 to 0.8"],
    [0.51234, 0.78912, "0.512 to 0.789"],
    [-0.886, 0.000277, "-0.886 to 0"],
    [-3, -0.00021, "-3 to 0"],
    [1001.2, 1003.9, "1001.2 to 1003.9"],
    [293.14, 294.26, "293.1 to 294.3"],
    [0.42236, 0.48, "0.422 to 0.48"],
    [0.0014321, 0.029123, "0.00143 to 0.0291"],
    [205, 290, "205 to 290"],
    [1234, 56_789, "1234 to 56789"],
  ])("the range from %f to %f is %s", (from, to, text) => {
    expect(rangeText(from, to)).toBe(text);
  });

  it("numbers have three digits, integers all of theirs", () => {
    expect([0.1 + 0.2, 12_345, 12_345.6, 1.5e-7, -0, 1e300].map(numberText)).toEqual([
      "0.3",
      "12345",
      "12300",
      "1.5e-7",
      "0",
      "1e+300",
    ]);
  });

  it("options are what they stand for", () => {
    const space = compileSpace({
      kind: hp.choice([{ name: "sgd" }, { name: "adam", beta: hp.uniform(0, 1) }]),
      norm: hp.choice([false, true, 3, "three"]),
      seed: hp.randint(5, 9),
      units: hp.choice([0, hp.uniform(0, 1, { label: "share" })]),
    });
    const texts = (label: string, options: readonly number[]): readonly string[] =>
      options.map((option) => optionText(space.parameter(label)!, option));
    expect(texts("kind", [0, 1])).toEqual(["sgd", "adam"]);
    expect(texts("norm", [0, 1, 2, 3])).toEqual(["false", "true", "3", "three"]);
    expect(texts("units", [0, 1])).toEqual(["0", "share"]);
    // Without an order it counts as a choice; the value is what people know.
    expect(texts("seed", [0, 3])).toEqual(["5", "8"]);
    expect(valueText(space.parameter("seed")!, 8)).toBe("8");
  });
});
