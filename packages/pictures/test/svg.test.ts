import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  elementText,
  linePath,
  numberText,
  pathText,
  polygonPath,
  rotate,
  roundedLinePath,
  svg,
  translate,
  type SvgElement,
} from "../src/index.ts";

describe("numbers", () => {
  it("have two decimals at most, no exponents and no negative zero", () => {
    expect([1, 1.005, -0.001, 1e-7, 12.5, 100, 0.1 + 0.2, 123456.789].map(numberText)).toEqual([
      "1",
      "1",
      "0",
      "0",
      "12.5",
      "100",
      "0.3",
      "123456.79",
    ]);
  });

  it("are right to a hundredth", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        expect(numberText(value)).toMatch(/^-?\d+(\.\d{1,2})?$/);
        expect(Math.abs(Number(numberText(value)) - value)).toBeLessThanOrEqual(0.005_001);
      }),
    );
  });

  it("must be finite: nothing is drawn at NaN", () => {
    expect(() => elementText(svg.circle({ cx: Number.NaN, cy: 0, r: 1 }))).toThrow("number NaN");
  });
});

describe("elements", () => {
  it("are written with SVG's names; what is undefined or false is left out", () => {
    const drawn = svg.g(
      { strokeWidth: 1.5, className: "frame", opacity: undefined, transform: translate(1 / 3, 2) },
      false,
      undefined,
      [svg.line({ x1: 0, y1: 0, x2: 1, y2: 1, strokeDasharray: [2, 3] }), [svg.rect({ x: 0, y: 0, width: 4, height: 5 })]],
    );
    expect(elementText(drawn)).toBe(
      [
        '<g stroke-width="1.5" class="frame" transform="translate(0.33 2)">',
        '<line x1="0" y1="0" x2="1" y2="1" stroke-dasharray="2 3"/>',
        '<rect x="0" y="0" width="4" height="5"/>',
        "</g>",
      ].join("\n"),
    );
    expectTypeOf(drawn).toEqualTypeOf<SvgElement>();
    // @ts-expect-error a circle has no width
    svg.circle({ cx: 0, cy: 0, r: 1, width: 3 });
  });

  it("keep text as it is: escaped, no line breaks added", () => {
    expect(elementText(svg.text({ x: 1, y: 2, transform: rotate(-90, 1, 2) }, 'a < b & "c"'))).toBe(
      '<text x="1" y="2" transform="rotate(-90 1 2)">a &lt; b &amp; &quot;c&quot;</text>',
    );
    expect(elementText(svg.title({}, "a\u0000b\uD800c 🙂"))).toBe("<title>a\uFFFDb\uFFFDc 🙂</title>");
  });

  it("hold any text without a way out of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const written = elementText(svg.g({ ariaLabel: text }, svg.title({}, text)));
        expect(written.match(/[<>]/g)).toHaveLength(8);
        expect(written.match(/"/g)).toHaveLength(2);
      }),
    );
  });
});

describe("paths", () => {
  it("are lines, polygons and lines with rounded corners", () => {
    const corner = [
      [0, 0],
      [10, 0],
      [10, 4],
    ] as const;
    expect(pathText(linePath(corner))).toBe("M0 0L10 0L10 4");
    expect(pathText(polygonPath(corner))).toBe("M0 0L10 0L10 4Z");
    expect(pathText(roundedLinePath(corner, 8))).toBe("M0 0L8 0Q10 0 10 2L10 4");
    expect(pathText(roundedLinePath([corner[0], [5, 0], corner[1]], 8))).toBe("M0 0L5 0L10 0");
    expect(pathText([])).toBe("");
  });

  it("round corners without leaving the lines, also where points coincide", () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 8 }), fc.integer({ min: 0, max: 40 }), (points, radius) => {
        const numbers = roundedLinePath(points, radius).flatMap(([, ...rest]) => rest);
        for (const number of numbers) {
          expect(number).toBeGreaterThanOrEqual(-1e-9);
          expect(number).toBeLessThanOrEqual(50 + 1e-9);
        }
      }),
    );
  });
});
