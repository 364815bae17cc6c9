import { numberText } from "./number-text.ts";

/**
 * @file SVG as data: a tree of elements with typed attributes, and its text. Attributes have SVG's names in camel case; those that
 * are undefined are left out.
 */

/** How shapes and text are painted; any element may pass it on to what it contains. */
export interface PaintAttributes {
  readonly fill?: string | undefined;
  readonly fillOpacity?: number | undefined;
  readonly stroke?: string | undefined;
  readonly strokeWidth?: number | undefined;
  readonly strokeOpacity?: number | undefined;
  readonly strokeDasharray?: readonly number[] | undefined;
  readonly strokeLinecap?: "butt" | "round" | "square" | undefined;
  readonly strokeLinejoin?: "miter" | "round" | "bevel" | undefined;
  readonly opacity?: number | undefined;
  readonly transform?: string | undefined;
  /** `url(#id)` of a `clipPath` in the same document. */
  readonly clipPath?: string | undefined;
  /** Where a pointer meets the element, though nothing may be painted there: on its line, or inside, too. */
  readonly pointerEvents?: "stroke" | "all" | undefined;
  readonly shapeRendering?: "crispEdges" | "geometricPrecision" | undefined;
  readonly id?: string | undefined;
  readonly className?: string | undefined;
  readonly role?: string | undefined;
  readonly ariaLabel?: string | undefined;
  readonly ariaHidden?: "true" | undefined;
}

/** How text is set, here and in what a group contains. */
export interface FontAttributes {
  readonly fontSize?: number | undefined;
  readonly fontWeight?: number | undefined;
  readonly textAnchor?: "start" | "middle" | "end" | undefined;
}

export interface TextAttributes extends PaintAttributes, FontAttributes {
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The elements there are, and what each may say. */
interface ElementAttributes {
  readonly g: PaintAttributes & FontAttributes;
  readonly rect: PaintAttributes & Box & { readonly rx?: number | undefined; readonly ry?: number | undefined };
  readonly line: PaintAttributes & { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number };
  readonly circle: PaintAttributes & { readonly cx: number; readonly cy: number; readonly r: number };
  readonly path: PaintAttributes & { readonly d: string };
  readonly text: TextAttributes;
  readonly svg: Partial<Box> & {
    readonly viewBox?: readonly number[] | undefined;
    readonly xmlns?: string | undefined;
    readonly fontFamily?: string | undefined;
    readonly role?: string | undefined;
    readonly ariaLabel?: string | undefined;
  };
  readonly image: Box & { readonly href: string; readonly preserveAspectRatio?: string; readonly imageRendering?: "pixelated" };
  readonly clipPath: { readonly id: string };
  readonly defs: { readonly id?: string | undefined };
  readonly linearGradient: { readonly id: string } & Partial<Readonly<Record<"x1" | "y1" | "x2" | "y2", number>>>;
  readonly stop: { readonly offset: number; readonly stopColor: string };
  readonly title: { readonly id?: string | undefined };
  readonly desc: { readonly id?: string | undefined };
}

/** The names of the elements there are. */
export type SvgTag = keyof ElementAttributes;

type AttributeValue = string | number | readonly number[] | undefined;

/** One element, frozen by its type. */
export interface SvgElement {
  readonly tag: SvgTag;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Texts are written escaped. */
  readonly children: readonly (SvgElement | string)[];
}

/** What an element may be given as its content: what is undefined or false is left out, lists are flattened. */
export type SvgContent = SvgElement | string | undefined | false | readonly SvgContent[];

type ElementMaker<T extends SvgTag> = (attributes: ElementAttributes[T], ...content: readonly SvgContent[]) => SvgElement;

/** One function an element: `svg.rect({ x, y, width, height, fill })`, `svg.g({}, svg.title({}, "fold 2"), ...)`. */
export const svg: { readonly [T in SvgTag]: ElementMaker<T> } = {
  g: maker("g"),
  rect: maker("rect"),
  line: maker("line"),
  circle: maker("circle"),
  path: maker("path"),
  text: maker("text"),
  svg: maker("svg"),
  image: maker("image"),
  clipPath: maker("clipPath"),
  defs: maker("defs"),
  linearGradient: maker("linearGradient"),
  stop: maker("stop"),
  title: maker("title"),
  desc: maker("desc"),
};

/** `transform` that moves what it is given to. */
export function translate(x: number, y: number): string {
  return `translate(${numberText(x)} ${numberText(y)})`;
}

/** `transform` that turns by so many degrees, clockwise, around a point. */
export function rotate(degrees: number, x: number, y: number): string {
  return `rotate(${numberText(degrees)} ${numberText(x)} ${numberText(y)})`;
}

/** The SVG text of an element and all it contains: numbers have at most two decimals, so equal pictures give equal texts. */
export function elementText({ tag, attributes, children }: SvgElement): string {
  const start = Object.entries(attributes).reduce((text, [name, value]) => text + attributeText(name, value), `<${tag}`);
  if (children.length === 0) return `${start}/>`;
  const inner = children.map((child) => (typeof child === "string" ? escapeText(child) : elementText(child)));
  // Lines between elements make pictures comparable; inside a text they would be seen, and a mark that only says what it is needs none.
  const isOneLine = tag === "text" || children.every((child) => typeof child === "string" || child.tag === "title");
  const glue = isOneLine || children.some((child) => typeof child === "string") ? "" : "\n";
  return `${start}>${glue}${inner.join(glue)}${glue}</${tag}>`;
}

function maker<T extends SvgTag>(tag: T): ElementMaker<T> {
  return (attributes, ...content) => ({ tag, attributes: { ...attributes }, children: flatten(content) });
}

function flatten(content: readonly SvgContent[]): readonly (SvgElement | string)[] {
  return content.flatMap((item): readonly (SvgElement | string)[] => {
    if (item === undefined || item === false) return [];
    return isList(item) ? flatten(item) : [item];
  });
}

function isList(content: SvgContent): content is readonly SvgContent[] {
  return Array.isArray(content);
}

function attributeText(name: string, value: AttributeValue): string {
  if (value === undefined) return "";
  return ` ${attributeNames[name] ?? kebab(name)}="${typeof value === "string" ? escapeText(value) : numbersText(value)}"`;
}

function numbersText(value: number | readonly number[]): string {
  return typeof value === "number" ? numberText(value) : value.map(numberText).join(" ");
}

/** Those that SVG itself writes in camel case, and the one that JavaScript forbids. */
const attributeNames: Readonly<Record<string, string>> = {
  viewBox: "viewBox",
  preserveAspectRatio: "preserveAspectRatio",
  textLength: "textLength",
  lengthAdjust: "lengthAdjust",
  className: "class",
};

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Text as XML wants it; what XML cannot hold (control characters, half of a surrogate pair) becomes U+FFFD. */
export function escapeText(text: string): string {
  return text.replace(notXml, "\uFFFD").replace(/[&<>"]/g, (character) => entities[character]!);
}

/** All but the characters that XML 1.0 may hold. */
const notXml = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
