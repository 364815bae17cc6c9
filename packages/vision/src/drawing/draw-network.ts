import { listed } from "@argmin/base";
import {
  fit,
  linePath,
  measure,
  middleBaseline,
  pathText,
  polygonPath,
  roundedLinePath,
  svg,
  translate,
  wrap,
  type Picture,
  type SvgContent,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import { coloursOf, drawBox } from "./boxes.ts";
import { compactGraph } from "./compact.ts";
import { routeEdges, type Edge } from "./edges.ts";
import { frameTitleRoom, layOutNetwork, type FramePlace } from "./layout.ts";
import { flopsOf, parametersOf, type Category, type NetworkGraph, type NetworkNode } from "./network-graph.ts";
import { styled } from "./styled.ts";
import { inWords, parametersText, decimalPercent, shapeText } from "./words.ts";

/** How much of a network is drawn: every layer, or blocks of them. */
export type DrawingLevel = "compact" | "full";

export interface DrawNetworkOptions {
  readonly theme: Theme;
  /** Default "full". */
  readonly level?: DrawingLevel;
  /** What stands above the drawing; the network's name by default. */
  readonly title?: string;
}

const margin = 28;
const titleStyle: TextStyle = { size: 20, weight: 600 };
const factStyle: TextStyle = { size: 12.5 };
const legendStyle: TextStyle = { size: 11 };

/**
 * A network as a picture: a box a layer with its shape, parameters and share of the arithmetic, frames around layers whose names
 * begin alike, lines from each layer to those that take what comes out of it.
 */
export function drawNetwork(graph: NetworkGraph, { theme, level = "full", title = graph.name }: DrawNetworkOptions): Picture {
  const drawn = level === "compact" ? compactGraph(graph) : graph;
  const layout = layOutNetwork(drawn);
  const longest = layout.texts.reduce((most, { share }) => Math.max(most, share ?? 0), 0);
  const width = Math.max(layout.width + 2 * margin, 560);
  const facts = factsOf(graph).flatMap((fact) => wrap(fact, width - 2 * margin, factStyle));
  const titles = wrap(title, width - 2 * margin, titleStyle);
  const factsTop = margin + titles.length * 26 + 4;
  const top = factsTop + facts.length * 19 + 12;
  const legend = drawLegend(drawn, longest, width - 2 * margin, theme);
  const height = top + layout.height + 22 + legend.height + margin - 6;
  const left = Math.max(margin, (width - layout.width) / 2);
  return {
    width,
    height,
    title,
    description: factsOf(graph).join(" "),
    content: [
      titles.map((line, i) => styled(line, margin, margin + 16 + 26 * i, titleStyle, theme.text)),
      facts.map((line, i) => styled(line, margin, factsTop + 13 + 19 * i, factStyle, theme.mutedText)),
      svg.g(
        { transform: translate(left, top) },
        layout.frames.map((frame) => drawFrame(frame, theme)),
        drawEdges(routeEdges(drawn, layout), theme),
        drawn.nodes.map((node, index) => drawBox(node, layout.texts[index]!, layout.boxes[index]!, { theme, longest })),
      ),
      svg.g({ transform: translate(margin, top + layout.height + 22) }, legend.content),
    ],
  };
}

/** What a network is, in sentences. */
function factsOf(graph: NetworkGraph): readonly string[] {
  const layers = graph.nodes.reduce((sum, node) => sum + node.layers, 0);
  const flops = flopsOf(graph);
  const arithmetic = flops === undefined ? "" : `, ${inWords(flops)} floating-point operations an example`;
  const [inputs, outputs] = (["input", "output"] as const).map((category) =>
    graph.nodes.filter((node) => node.category === category),
  );
  return [
    `${layers} layer${layers === 1 ? "" : "s"} with ${parametersText(parametersOf(graph))}${arithmetic}.`,
    `${endsInWords("Input", inputs!)}; ${endsInWords("output", outputs!)}.`,
  ];
}

/** "Input of 3 × 32 × 32", "outputs fine (100) and coarse (20)". */
function endsInWords(word: string, nodes: readonly NetworkNode[]): string {
  const [first, ...others] = nodes;
  if (first !== undefined && others.length === 0 && first.name === word.toLowerCase() && first.shape !== undefined)
    return `${word} of ${shapeText(first.shape)}`;
  const names = nodes.map(({ name, shape }) => (shape === undefined ? name : `${name} (${shapeText(shape)})`));
  return `${word}${others.length > 0 ? "s" : ""} ${listed(names)}`;
}

function drawFrame({ group, isContinued, x, y, width, height }: FramePlace, theme: Theme): SvgContent {
  const isOuter = group.path.length === 1;
  const style: TextStyle = { size: isOuter ? 12 : 10.5, weight: 600 };
  const last = group.path.at(-1)!;
  const name = /^\d+$/.test(last) ? group.path.join(".") : last;
  // The line that enters the frame comes down its middle.
  const title = fit(isContinued ? `${name}, continued` : name, width / 2 - 22, style);
  return svg.g(
    {},
    svg.rect({
      x,
      y,
      width,
      height,
      rx: isOuter ? 10 : 7,
      fill: isOuter ? theme.surface : theme.page,
      fillOpacity: isOuter ? 0.75 : 0.7,
      stroke: theme.outline,
      strokeDasharray: isOuter ? undefined : [3, 3],
    }),
    styled(title, x + 10, middleBaseline(y + frameTitleRoom / 2 + 1, style), style, isOuter ? theme.text : theme.mutedText),
  );
}

function drawEdges(edges: readonly Edge[], theme: Theme): SvgContent {
  const line = { fill: "none", stroke: theme.axis, strokeWidth: 1.4 } as const;
  return svg.g(
    {},
    edges.map(({ points }) => {
      const [x, y] = points.at(-1)!;
      const shaft = [...points.slice(0, -1), [x, y - 5] as const];
      return [
        svg.path({ d: pathText(shaft.length === 2 ? linePath(shaft) : roundedLinePath(shaft, 6)), ...line }),
        svg.path({
          d: pathText(
            polygonPath([
              [x - 3.6, y - 7],
              [x + 3.6, y - 7],
              [x, y - 0.5],
            ]),
          ),
          fill: theme.axis,
        }),
      ];
    }),
  );
}

const categoryWords: { readonly [C in Category]: string | undefined } = {
  input: undefined,
  output: undefined,
  convolution: "convolution",
  dense: "dense",
  normalization: "normalization",
  pooling: "pooling",
  activation: "activation",
  merge: "branches joined",
  dropout: undefined,
  other: undefined,
};

function drawLegend(
  graph: NetworkGraph,
  longest: number,
  width: number,
  theme: Theme,
): { readonly content: SvgContent; readonly height: number } {
  const present = new Set(graph.nodes.map(({ category }) => category));
  const swatches = [...present].flatMap((category): readonly LegendItem[] => {
    const words = categoryWords[category];
    return words === undefined ? [] : [{ words, mark: (x, y) => swatch(category, x, y, theme), markWidth: 20 }];
  });
  const hasGrey = present.has("dropout") || present.has("other");
  const items: readonly LegendItem[] = [
    ...swatches,
    ...(hasGrey ? [{ words: "other", mark: (x: number, y: number) => swatch("other", x, y, theme), markWidth: 20 }] : []),
    ...(longest > 0
      ? [
          {
            words: `share of all floating-point operations, the longest bar ${decimalPercent(longest)}`,
            mark: (x: number, y: number) => shareMark(x, y, theme),
            markWidth: 40,
          },
        ]
      : []),
    { words: sizesInWords(graph), mark: () => undefined, markWidth: 0 },
  ];
  const lineHeight = 20;
  let [x, line] = [0, 0];
  const content = items
    .filter(({ words }) => words !== "")
    .map(({ words, mark, markWidth }) => {
      const length = markWidth + measure(words, legendStyle);
      if (x > 0 && x + length > width) [x, line] = [0, line + 1];
      const middle = line * lineHeight + lineHeight / 2;
      const item = [
        mark(x, middle),
        styled(words, x + markWidth, middleBaseline(middle, legendStyle), legendStyle, theme.mutedText),
      ];
      x += length + 22;
      return item;
    });
  return { content, height: (line + 1) * lineHeight };
}

interface LegendItem {
  readonly words: string;
  /** What stands before the words: its left edge and the middle of the line. */
  readonly mark: (x: number, y: number) => SvgContent;
  readonly markWidth: number;
}

function sizesInWords({ nodes }: NetworkGraph): string {
  return nodes.some(({ shape }) => shape?.length === 3) ? "sizes: channels × height × width" : "";
}

function swatch(category: Category, x: number, y: number, theme: Theme): SvgContent {
  const { fill, stripe } = coloursOf(category, theme);
  return [
    svg.rect({ x, y: y - 6, width: 14, height: 12, rx: 2, fill, stroke: theme.outline }),
    svg.rect({ x, y: y - 6, width: 4, height: 12, rx: 1, fill: stripe }),
  ];
}

function shareMark(x: number, y: number, theme: Theme): SvgContent {
  return [
    svg.rect({ x, y: y - 2, width: 34, height: 4, rx: 2, fill: theme.outline, fillOpacity: 0.45 }),
    svg.rect({ x, y: y - 2, width: 22, height: 4, rx: 2, fill: theme.series[0] }),
  ];
}
