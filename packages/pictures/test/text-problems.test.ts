import { describe, expect, it } from "vitest";
import { rotate, svg, translate, type Picture, type SvgContent } from "../src/index.ts";
import { textProblems } from "../src/testing/index.ts";

function picture(content: SvgContent): Picture {
  return { width: 200, height: 100, title: "texts", content };
}

function text(x: number, y: number, words: string): SvgContent {
  return svg.text({ x, y, fontSize: 12 }, words);
}

describe("textProblems", () => {
  it("finds nothing where texts stand apart", () => {
    expect(textProblems(picture([text(10, 20, "one"), text(10, 36, "two"), text(60, 20, "three")]))).toEqual([]);
  });

  it("finds texts over each other and texts cut by the edge, wherever groups move them", () => {
    const moved = svg.g({ transform: translate(5, 16), fontSize: 12 }, svg.text({ x: 10, y: 6 }, "under"));
    expect(textProblems(picture([text(10, 20, "over"), moved]))).toEqual(['"over" and "under" overlap.']);
    expect(textProblems(picture(svg.g({ textAnchor: "end" }, text(20, 20, "beyond"))))).toEqual([
      '"beyond" is cut by the edge of the picture.',
    ]);
    expect(textProblems(picture(svg.svg({ x: 180, y: 0 }, text(0, 20, "beyond"))))).toHaveLength(1);
  });

  it("follows a turned text", () => {
    const upright = svg.text({ x: 20, y: 90, fontSize: 12, transform: rotate(-90, 20, 90) }, "validation");
    expect(textProblems(picture([upright, text(30, 60, "beside")]))).toEqual([]);
    expect(textProblems(picture([upright, text(5, 60, "across")]))).toHaveLength(1);
    expect(textProblems(picture(svg.g({ transform: "translate(0 -60)" }, upright)))).toHaveLength(1);
  });
});
