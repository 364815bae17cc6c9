import { grouped } from "@argmin/base";
import {
  fit,
  measure,
  middleBaseline,
  pathText,
  svg,
  widest,
  type SvgContent,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import type { Category, NetworkNode } from "./network-graph.ts";
import { inWords, parametersText, decimalPercent, shapeText } from "./words.ts";

/** What a box says, before anybody knows where it stands. */
export interface BoxText {
  readonly title: string;
  /** At the right of the title: the shape, or for a small box what it is called. */
  readonly aside: string;
  readonly name: string;
  /** At the right of the name. */
  readonly parameters: string;
  readonly notes: string;
  /** The share of the network's operations, 0 to 1; undefined where there is no bar. */
  readonly share: number | undefined;
  readonly isSmall: boolean;
}

const titleStyle: TextStyle = { size: 12, weight: 600 };
const smallTitleStyle: TextStyle = { size: 11 };
const asideStyle: TextStyle = { size: 11 };
const nameStyle: TextStyle = { size: 10.5 };
const shareStyle: TextStyle = { size: 10 };

const stripe = 4;
const padding = 9;
const left = stripe + padding;
const titleLine = 17;
const nameLine = 15;
const barLine = 13;
/** Room for "100.0 %" beside the bar. */
const shareWidth = 44;

const smallCategories: ReadonlySet<Category> = new Set(["normalization", "dropout", "activation", "other", "merge"]);

/** What a node's box says: `name` is what it is called where it stands, `flops` are the whole network's, `inputShape` what comes in. */
export function boxTextOf(
  node: NetworkNode,
  {
    name: called,
    flops,
    inputShape,
  }: { readonly name: string; readonly flops: number | undefined; readonly inputShape: NetworkNode["shape"] },
): BoxText {
  const name = called.toLowerCase() === node.title.toLowerCase() ? "" : called;
  const isReshaping = node.shape?.join() !== inputShape?.join();
  const isSmall = smallCategories.has(node.category) && !isReshaping && node.notes.length === 0;
  const isEnd = node.category === "input" || node.category === "output";
  const share = flops === undefined || node.flops === undefined || flops === 0 ? undefined : node.flops / flops;
  return {
    title: isSmall && node.parameters > 0 ? `${node.title}, ${parametersText(node.parameters)}` : node.title,
    aside: isSmall ? name : node.shape === undefined ? "" : shapeText(node.shape),
    name: isEnd ? "" : name,
    parameters: node.parameters > 0 ? parametersText(node.parameters) : "",
    notes: node.notes.length === 0 ? "" : `then ${node.notes.join(", ")}`,
    share: isSmall || isEnd || share === undefined || share < 0.001 ? undefined : share,
    isSmall,
  };
}

/** The least width at which nothing of a box is cut. */
export function boxWidth({ title, aside, name, parameters, notes, isSmall }: BoxText): number {
  const first = measure(title, isSmall ? smallTitleStyle : titleStyle) + measure(aside, asideStyle) + (aside === "" ? 0 : 14);
  const second = isSmall ? 0 : measure(name, nameStyle) + measure(parameters, nameStyle) + (parameters === "" ? 0 : 14);
  return left + Math.max(first, second, widest([notes], nameStyle)) + padding;
}

export function boxHeight({ name, parameters, notes, share, isSmall }: BoxText): number {
  if (isSmall) return 24;
  const lines = [name !== "" || parameters !== "" ? nameLine : 0, notes === "" ? 0 : nameLine, share === undefined ? 0 : barLine];
  return 12 + titleLine + lines.reduce((sum, line) => sum + line, 0);
}

/** Where a box stands: its upper left corner and its size. */
export interface BoxPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How boxes are drawn. */
export interface BoxStyle {
  readonly theme: Theme;
  /** The share of the operations whose bar is the longest there can be. */
  readonly longest: number;
}

/** A node's box. */
export function drawBox(node: NetworkNode, text: BoxText, place: BoxPlace, { theme, longest }: BoxStyle): SvgContent {
  const { x, y, width, height } = place;
  const colours = coloursOf(node.category, theme);
  const isEnd = node.category === "input" || node.category === "output";
  const radius = isEnd ? Math.min(14, height / 2) : 4;
  return svg.g(
    {},
    svg.title({}, tooltipOf(node)),
    svg.rect({ x, y, width, height, rx: radius, fill: colours.fill, stroke: theme.outline }),
    !isEnd && svg.path({ d: stripePath(place, radius), fill: colours.stripe }),
    text.isSmall ? smallLine(text, place, theme) : lines(text, place, theme),
    text.share !== undefined && bar(text.share, text.share / longest, place, theme, colours.stripe),
  );
}

function smallLine({ title, aside }: BoxText, { x, y, width, height }: BoxPlace, theme: Theme): SvgContent {
  const asideWidth = measure(aside, asideStyle);
  const room = width - left - padding;
  const baseline = middleBaseline(y + height / 2, smallTitleStyle);
  const fitted = fit(title, room, smallTitleStyle);
  const restRoom = room - measure(fitted, smallTitleStyle) - 14;
  return [
    label(fitted, x + left, baseline, smallTitleStyle, theme.text),
    restRoom > 20 &&
      rightLabel(
        asideWidth <= restRoom ? aside : fit(aside, restRoom, asideStyle),
        x + width - padding,
        baseline,
        asideStyle,
        theme,
      ),
  ];
}

function lines(text: BoxText, { x, y, width }: BoxPlace, theme: Theme): SvgContent {
  const right = x + width - padding;
  const room = width - left - padding;
  const titleBase = middleBaseline(y + 6 + titleLine / 2, titleStyle);
  const asideRoom = measure(text.aside, asideStyle) + (text.aside === "" ? 0 : 14);
  const nameBase = middleBaseline(y + 6 + titleLine + nameLine / 2, nameStyle);
  const parametersRoom = measure(text.parameters, nameStyle) + (text.parameters === "" ? 0 : 14);
  const hasNames = text.name !== "" || text.parameters !== "";
  const notesTop = y + 6 + titleLine + (hasNames ? nameLine : 0);
  return [
    label(fit(text.title, room - asideRoom, titleStyle), x + left, titleBase, titleStyle, theme.text),
    rightLabel(text.aside, right, titleBase, asideStyle, theme),
    text.name !== "" && label(fit(text.name, room - parametersRoom, nameStyle), x + left, nameBase, nameStyle, theme.mutedText),
    rightLabel(text.parameters, right, nameBase, nameStyle, theme),
    text.notes !== "" &&
      label(
        fit(text.notes, room, nameStyle),
        x + left,
        middleBaseline(notesTop + nameLine / 2, nameStyle),
        nameStyle,
        theme.mutedText,
      ),
  ];
}

/** The share of the operations as a bar and in percent, at the bottom of a box. */
function bar(share: number, length: number, { x, y, width, height }: BoxPlace, theme: Theme, colour: string): SvgContent {
  const right = x + width - padding;
  const longest = width - left - padding - shareWidth;
  const middle = y + height - 6 - barLine / 2;
  return [
    svg.rect({ x: x + left, y: middle - 2, width: longest, height: 4, rx: 2, fill: theme.outline, fillOpacity: 0.45 }),
    svg.rect({ x: x + left, y: middle - 2, width: Math.max(2, longest * length), height: 4, rx: 2, fill: colour }),
    rightLabel(decimalPercent(share), right, middleBaseline(middle, shareStyle), shareStyle, theme),
  ];
}

function label(text: string, x: number, y: number, { size, weight }: TextStyle, fill: string): SvgContent {
  return svg.text({ x, y, fontSize: size, fontWeight: weight, fill }, text);
}

function rightLabel(text: string, x: number, y: number, { size }: TextStyle, theme: Theme): SvgContent {
  return text !== "" && svg.text({ x, y, fontSize: size, textAnchor: "end", fill: theme.mutedText }, text);
}

/** The coloured left edge of a box, rounded as the box is. */
function stripePath({ x, y, height }: BoxPlace, radius: number): string {
  const bottom = y + height;
  return pathText([
    ["M", x + radius, y],
    ["A", radius, radius, 0, 0, 0, x, y + radius],
    ["V", bottom - radius],
    ["A", radius, radius, 0, 0, 0, x + radius, bottom],
    ["Z"],
  ]);
}

/** How a category is painted; those without a colour of their own are grey. */
export function coloursOf(category: Category, theme: Theme): { readonly fill: string; readonly stripe: string } {
  const series = categorySeries[category];
  return series === undefined
    ? { fill: theme.surface, stripe: theme.missing }
    : { fill: theme.tints[series]!, stripe: theme.series[series]! };
}

const categorySeries: { readonly [C in Category]: number | undefined } = {
  input: undefined,
  output: undefined,
  convolution: 0,
  dense: 1,
  normalization: 2,
  pooling: 3,
  activation: 4,
  merge: 5,
  dropout: undefined,
  other: undefined,
};

function tooltipOf({ name, title, shape, parameters, flops, notes, layers }: NetworkNode): string {
  return [
    layers === 0 ? title : `${name}: ${title}`,
    ...(notes.length > 0 ? [`then ${notes.join(", ")}`] : []),
    ...(shape === undefined ? [] : [`gives ${shapeText(shape)}`]),
    ...(parameters === 0 ? [] : [parametersText(parameters)]),
    ...(flops === undefined || flops === 0
      ? []
      : [`${flops < 1e6 ? grouped(flops) : inWords(flops)} floating-point operations an example`]),
  ].join("; ");
}
