import { describe, expect, it } from "vitest";
import { fit, widthOf } from "../../src/render/text.ts";

describe("the width of a text", () => {
  it.each([
    ["plain", 5],
    ["数字", 4],
    ["한국어", 6],
    ["カタカナ", 8],
    ["ｶﾀ", 2],
    ["ＡＢ", 4],
    ["é", 1],
    ["e\u0301", 1],
    ["🙂", 2],
    ["👨‍👩‍👧", 2],
    ["…", 1],
  ])("%s takes %d columns", (text, columns) => expect(widthOf(text)).toBe(columns));

  it("is what a text is cut to", () => {
    expect(fit("数字数字", 8)).toBe("数字数字");
    expect(fit("数字数字", 6)).toBe("数字…");
    expect(fit("plain text", 6)).toBe("plain…");
  });
});
