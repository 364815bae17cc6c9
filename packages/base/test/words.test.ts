import { counted, grouped, listed, percentText } from "@argmin/base";
import { describe, expect, it } from "vitest";

describe("words", () => {
  it("shares are percents, small ones of one digit", () => {
    expect([0, 0.0042, 0.01, 0.414, 1].map(percentText)).toEqual(["0 %", "0.4 %", "1 %", "41 %", "100 %"]);
  });

  it("counts have their thousands set apart, and their noun in the singular for one", () => {
    expect([0, 999, 1000, 1_234_567].map(grouped)).toEqual(["0", "999", "1,000", "1,234,567"]);
    expect([counted(1, "trial"), counted(0, "trial"), counted(20_000, "trial"), counted(2, "entry", "entries")]).toEqual([
      "1 trial",
      "0 trials",
      "20,000 trials",
      "2 entries",
    ]);
  });

  it("lists read as one would say them", () => {
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map((words) => listed(words))).toEqual(["", "a", "a and b", "a, b and c"]);
    expect(listed(["a", "b", "c"], "or")).toBe("a, b or c");
  });
});
