import type { SvgContent, SvgElement } from "./element.ts";
import type { Picture } from "./picture.ts";
import { darkTheme, lightTheme, type Theme } from "./theme.ts";

/**
 * @file One picture for light and dark pages: its colours are CSS custom properties, each with the light colour for viewers that know
 * nothing of them. The page says what they are by `themeStyle`.
 */

const prefix = "--argmin-";

type ColourName = { [K in keyof Theme]: Theme[K] extends string ? K : never }[Exclude<keyof Theme, "name">];
type ListName = { [K in keyof Theme]: Theme[K] extends readonly string[] ? K : never }[keyof Theme];

const colourNames: { readonly [K in ColourName]: string } = {
  page: "page",
  surface: "surface",
  outline: "outline",
  grid: "grid",
  axis: "axis",
  text: "text",
  mutedText: "muted-text",
  highlight: "highlight",
  missing: "missing",
};

const listNames: { readonly [K in ListName]: string } = {
  series: "series",
  tints: "tint",
  sequentialSteps: "sequential",
  divergingSteps: "diverging",
};

/** The theme of pictures inside a page that holds `themeStyle`. */
export const adaptiveTheme: Theme = Object.freeze({
  name: "adaptive",
  page: property("page"),
  surface: property("surface"),
  outline: property("outline"),
  grid: property("grid"),
  axis: property("axis"),
  text: property("text"),
  mutedText: property("mutedText"),
  highlight: property("highlight"),
  missing: property("missing"),
  series: properties("series"),
  tints: properties("tints"),
  sequentialSteps: properties("sequentialSteps"),
  divergingSteps: properties("divergingSteps"),
});

/** A picture that was drawn in the `adaptiveTheme`, in another one: for a file of its own, without drawing it again. */
export function inTheme(picture: Picture, theme: Theme): Picture {
  const colours = new Map<unknown, string>([
    ...keysOf(colourNames).map((name) => [adaptiveTheme[name], theme[name]] as const),
    ...keysOf(listNames).flatMap((list) => adaptiveTheme[list].map((colour, i) => [colour, theme[list][i]!] as const)),
  ]);
  return { ...picture, content: recoloured(picture.content, colours) };
}

function recoloured(content: SvgContent, colours: ReadonlyMap<unknown, string>): SvgContent {
  if (content === undefined || content === false || typeof content === "string") return content;
  return isElement(content) ? elementIn(content, colours) : content.map((item) => recoloured(item, colours));
}

function elementIn(element: SvgElement, colours: ReadonlyMap<unknown, string>): SvgElement {
  const attributes = { ...element.attributes };
  for (const name of ["fill", "stroke", "stopColor"]) {
    const colour = colours.get(attributes[name]);
    if (colour !== undefined) attributes[name] = colour;
  }
  const children = element.children.map((child) => (typeof child === "string" ? child : elementIn(child, colours)));
  return { ...element, attributes, children };
}

function isElement(content: SvgElement | readonly SvgContent[]): content is SvgElement {
  return !Array.isArray(content);
}

/**
 * The CSS that gives the custom properties their colours: light, dark where the reader prefers that, and always the one named by
 * `data-theme="light"` or `"dark"` on the document's root.
 */
export function themeStyle(): string {
  const light = declarations(lightTheme);
  const dark = declarations(darkTheme);
  return [
    `:root, :root[data-theme="light"] { color-scheme: light; ${light} }`,
    `@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { color-scheme: dark; ${dark} } }`,
    `:root[data-theme="dark"] { color-scheme: dark; ${dark} }`,
    `@media print { :root:root:root { color-scheme: light; ${light} } }`,
  ].join("\n");
}

function property(name: ColourName): string {
  return `var(${prefix}${colourNames[name]}, ${lightTheme[name]})`;
}

function properties(list: ListName): readonly string[] {
  return lightTheme[list].map((colour, i) => `var(${prefix}${listNames[list]}-${i}, ${colour})`);
}

function declarations(theme: Theme): string {
  const single = keysOf(colourNames).map((name) => `${prefix}${colourNames[name]}: ${theme[name]};`);
  const listed = keysOf(listNames).flatMap((list) =>
    theme[list].map((colour, i) => `${prefix}${listNames[list]}-${i}: ${colour};`),
  );
  return [...single, ...listed].join(" ");
}

function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): readonly K[] {
  const keys: K[] = [];
  for (const key in record) keys.push(key);
  return keys;
}
