import type { SvgElement } from "./element.ts";
import { measure } from "./text.ts";

/** How text is set inside an element: its own attributes, and what it does not say as around it. */
export interface TextSetting {
  readonly fontSize: number;
  readonly fontWeight: number;
  readonly textAnchor: string;
}

/** What a picture's text is set in where nothing says otherwise; the size is CSS's. */
export const usualSetting: TextSetting = { fontSize: 16, fontWeight: 400, textAnchor: "start" };

export function settingInside({ attributes }: SvgElement, around: TextSetting): TextSetting {
  const { fontSize, fontWeight, textAnchor } = attributes;
  return {
    fontSize: typeof fontSize === "number" ? fontSize : around.fontSize,
    fontWeight: typeof fontWeight === "number" ? fontWeight : around.fontWeight,
    textAnchor: typeof textAnchor === "string" ? textAnchor : around.textAnchor,
  };
}

/** What a text element says. */
export function wordsOf({ children }: SvgElement): string {
  return children.filter((child) => typeof child === "string").join("");
}

/** The width of a text element's words in Inter. */
export function widthOf(words: string, { fontSize, fontWeight }: TextSetting): number {
  return measure(words, { size: fontSize, weight: fontWeight >= 550 ? 600 : 400 });
}

/**
 * The same element with the measured width written on every text: a viewer without Inter stretches or narrows the font it takes
 * instead, so that texts that stand apart in Inter do so in any font.
 */
export function withTextLengths(element: SvgElement, around: TextSetting = usualSetting): SvgElement {
  const setting = settingInside(element, around);
  if (element.tag === "text") {
    const words = wordsOf(element);
    if (words.trim() === "") return element;
    const attributes = { ...element.attributes, textLength: widthOf(words, setting), lengthAdjust: "spacingAndGlyphs" };
    return { ...element, attributes };
  }
  return {
    ...element,
    children: element.children.map((child) => (typeof child === "string" ? child : withTextLengths(child, setting))),
  };
}
