import { describe, expect, it } from "vitest";
import {
  adaptiveTheme,
  colourDistance,
  contrast,
  darkTheme,
  diverging,
  inTheme,
  lightTheme,
  mixColours,
  pictureText,
  scaleSteps,
  sequential,
  svg,
  themeStyle,
  type Picture,
  type Theme,
} from "../src/index.ts";
import { hexOf, linearRgbOf, type LinearRgb } from "../src/colour/oklab.ts";

type Matrix3 = readonly [LinearRgb, LinearRgb, LinearRgb];

/** Complete colour blindness of each kind. @see Machado, Oliveira & Fernandes 2009, table 1, severity 1. */
const visions: Readonly<Record<string, Matrix3>> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seenWith(vision: Matrix3, hex: string): string {
  const light = linearRgbOf(hex);
  const channel = ([r, g, b]: LinearRgb): number => r * light[0] + g * light[1] + b * light[2];
  return hexOf([channel(vision[0]), channel(vision[1]), channel(vision[2])]);
}

describe.each([lightTheme, darkTheme])("the $name theme", (theme: Theme) => {
  it.each(Object.entries(visions))("has series that differ with vision: %s", (_, vision) => {
    const seen = theme.series.map((colour) => seenWith(vision, colour));
    seen.forEach((one, i) =>
      seen.slice(i + 1).forEach((other, j) => {
        expect(colourDistance(one, other), `${theme.series[i]} and ${theme.series[i + 1 + j]}`).toBeGreaterThan(0.09);
      }),
    );
  });

  it("has contrast enough for shapes and for text", () => {
    for (const colour of [...theme.series, theme.axis, theme.highlight]) expect(contrast(colour, theme.page)).toBeGreaterThan(3);
    for (const ground of [theme.page, theme.surface, ...theme.tints]) {
      expect(contrast(theme.text, ground)).toBeGreaterThan(7);
      expect(contrast(theme.mutedText, ground)).toBeGreaterThan(4.5);
    }
  });

  it("has scales of even steps, whose ends stand off the page and from each other", () => {
    for (const steps of [theme.sequentialSteps, theme.divergingSteps]) {
      expect(steps).toHaveLength(scaleSteps);
      const distances = steps.slice(1).map((colour, i) => colourDistance(steps[i]!, colour));
      const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
      for (const distance of distances) expect(Math.abs(distance - mean)).toBeLessThan(0.35 * mean);
    }
    expect(sequential(theme, 0)).toBe(theme.sequentialSteps[0]);
    expect(sequential(theme, 7)).toBe(theme.sequentialSteps.at(-1));
    expect(diverging(theme, 0)).toBe(theme.divergingSteps[(scaleSteps - 1) / 2]);
    expect(contrast(sequential(theme, 1), theme.page)).toBeGreaterThan(7);
  });
});

describe("the adaptive theme", () => {
  it("names custom properties that the style gives both themes' colours, every one", () => {
    const style = themeStyle();
    const { name: _, ...colours } = adaptiveTheme;
    const used = Object.values(colours).flat();
    expect(used.length).toBeGreaterThan(80);
    for (const colour of used) {
      const [, property, fallback] = /^var\((--[a-z0-9-]+), (#[0-9a-f]{6})\)$/.exec(colour) ?? [];
      expect(style.split(`${property}: `).length - 1, colour).toBe(4);
      expect(style).toContain(`${property}: ${fallback};`);
    }
    expect(style).toContain(`--argmin-page: ${darkTheme.page};`);
  });

  it("leads to the picture that would have been drawn in another theme", () => {
    const draw = (theme: Theme): Picture => {
      const content = [
        svg.linearGradient({ id: "scale" }, svg.stop({ offset: 0, stopColor: sequential(theme, 0.2) })),
        svg.g({ fill: theme.text }, svg.rect({ x: 1, y: 2, width: 3, height: 4, stroke: theme.tints[3], fill: "none" }), [
          svg.text({ x: 0, y: 9 }, adaptiveTheme.page),
        ]),
      ];
      return { width: 10, height: 10, title: "Colours", content };
    };
    for (const theme of [lightTheme, darkTheme])
      expect(pictureText(inTheme(draw(adaptiveTheme), theme), theme)).toBe(pictureText(draw(theme), theme));
  });
});

describe("mixColours", () => {
  it("goes from one colour to the other through greys that are grey", () => {
    expect(mixColours("#123456", "#fedcba", 0)).toBe("#123456");
    expect(mixColours("#123456", "#fedcba", 1)).toBe("#fedcba");
    const middle = mixColours("#000000", "#ffffff", 0.5);
    expect(middle.slice(1, 3)).toBe(middle.slice(3, 5));
  });
});
