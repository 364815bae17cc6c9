import { Resvg } from "@resvg/resvg-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementText, fit, fontFiles, measure, svg, wrap, type FontWeight, type TextStyle } from "../src/index.ts";

const small: TextStyle = { size: 12 };

describe("measure", () => {
  const texts = [
    "validation accuracy",
    "AVAYA To. Ty, We P.",
    "conv2d_1.kernel 1,234,567",
    "3 × 3, 0.25 %",
    "Größe, naïve, Ω",
    "WWWW iiii llll",
  ];
  const weights: readonly FontWeight[] = [400, 600];

  it.each(texts)("gives '%s' the width that the PNG has", (text) => {
    for (const fontWeight of weights) {
      const size = 100;
      const width = measure(text, { size, weight: fontWeight });
      expect(Math.abs(width - advanceInPng(text, size, fontWeight))).toBeLessThan(0.002 * width);
    }
  });

  it("grows with the size alone", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.integer({ min: 1, max: 80 }), (text, size) => {
        expect(measure(text, { size })).toBeCloseTo(measure(text, { size: 1 }) * size, 6);
      }),
    );
  });

  it("guesses what the font lacks: squares an em wide, marks on top of others nothing", () => {
    expect(measure("日本語", { size: 10 })).toBe(30);
    expect(measure("e\u0303\u0330\u0301", { size: 10 })).toBeLessThan(10);
    expect(measure("\u{10330}", { size: 10 })).toBeCloseTo(6.5);
  });
});

describe("fit", () => {
  it("leaves what fits as it is", () => {
    expect(fit("learning rate", 200, small)).toBe("learning rate");
  });

  it("never gives more than the width has room for, and as much as it has", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
        fc.integer({ min: 12, max: 300 }),
        (text, width) => {
          const fitted = fit(text, width, small);
          expect(measure(fitted, small)).toBeLessThanOrEqual(Math.max(width, measure("…", small)));
          expect(fitted === text || fitted.endsWith("…")).toBe(true);
        },
      ),
    );
    expect(fit("stage2_residual3_convolution", 100, small)).toBe("stage2_residual…");
  });

  it("cuts between characters, not inside them", () => {
    expect(fit("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 45, { size: 10 })).toMatch(/^(👩‍👩‍👧‍👦)*…$/u);
  });
});

describe("wrap", () => {
  it("keeps every word, in lines that fit", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 15 }), { maxLength: 20 }), (words) => {
        const text = words.join(" ");
        const lines = wrap(text, 120, small);
        expect(lines.join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
        for (const line of lines) expect(measure(line, small)).toBeLessThanOrEqual(120);
      }),
    );
  });

  it("ends the last line allowed in an ellipsis where there is more", () => {
    const lines = wrap("one two three four five six seven eight nine ten", 60, small, 2);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/…$/);
    expect(measure(lines[1]!, small)).toBeLessThanOrEqual(60);
  });
});

/** How far the renderer advances over a text: where a bar set behind it begins, less where it begins behind nothing. */
function advanceInPng(text: string, size: number, fontWeight: number): number {
  return rightEdge(`${text}|`, size, fontWeight) - rightEdge("|", size, fontWeight);
}

function rightEdge(text: string, fontSize: number, fontWeight: number): number {
  const drawn = svg.svg(
    { xmlns: "http://www.w3.org/2000/svg", width: 4000, height: 200, fontFamily: "Inter" },
    svg.text({ x: 0, y: 120, fontSize, fontWeight }, text),
  );
  const box = new Resvg(elementText(drawn), {
    font: { loadSystemFonts: false, fontFiles: Object.values(fontFiles()), defaultFontFamily: "Inter" },
  }).getBBox();
  if (box === undefined) throw new Error("nothing was drawn");
  return box.x + box.width;
}
