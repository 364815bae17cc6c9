import { encodePng } from "@argmin/nn";
import { fit, svg, type Picture, type SvgElement, type Theme } from "@argmin/pictures";
import type { ExcitedLayer } from "./ascent.ts";
import { enlarge, filterPixels, isSilent, strongestSquare } from "./grid.ts";
import type { AscentMethod } from "./methods.ts";

/** The same filters, excited in one of several ways. */
export interface MethodResult {
  readonly method: AscentMethod;
  readonly excited: ExcitedLayer;
}

/** What a way of keeping images plain is called: `Jitter of 2 pixels and L2 0.5`. */
export function methodName({ jitter = 0, totalVariation = 0, l2 = 0 }: AscentMethod): string {
  const parts = [
    jitter > 0 ? [`jitter of ${jitter} pixel${jitter === 1 ? "" : "s"}`] : [],
    totalVariation > 0 ? [`total variation ${totalVariation}`] : [],
    l2 > 0 ? [`L2 ${l2}`] : [],
  ].flat();
  if (parts.length === 0) return "Plain";
  if (parts.length === 3) return "All three";
  const text = parts.join(" and ");
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** What a way does to the images, in the fewest words. */
function methodEffect({ jitter = 0, totalVariation = 0, l2 = 0 }: AscentMethod): string {
  const effects = [
    ...(jitter > 0 ? ["shifted before each step"] : []),
    ...(totalVariation > 0 ? ["neighbours drawn together"] : []),
    ...(l2 > 0 ? ["pixels drawn to grey"] : []),
  ];
  if (effects.length === 1) return effects.join("");
  return effects.length === 0 ? "the gradient alone" : "at once";
}

const margin = 28;
const gap = 4;
const between = 24;
const tile = 64;
const heading = 60;
const lineHeight = 19;
const caption = 62;

/**
 * Several ways beside each other: a grid each, of the same filters in the same places, those first that the first way excites most.
 *
 * @throws ArgminError `model/invalid` if the images have neither 1 nor 3 channels.
 */
export function compareMethods(results: readonly [MethodResult, ...MethodResult[]], theme: Theme): Picture {
  const { excited } = results[0];
  const { side, shown } = strongestSquare(excited.filters);
  const tileHeight = Math.round((tile * excited.shape.height) / excited.shape.width);
  const gridWidth = Math.max(side * (tile + gap) - gap, 200);
  const gridHeight = side * (tileHeight + gap) - gap;
  const title = `What excites the filters of ${excited.layer}`;
  const inner = results.length * (gridWidth + between) - between;
  const isAnySilent = results.some(({ excited: { filters } }) => filters.some(isSilent));
  const sentences = [
    `${shown.length} of its ${excited.total} filters, the same in each grid; first those that the first grid excites most.`,
    ...(isAnySilent ? ["Crossed out: nothing excited them."] : []),
  ];
  const top = margin + heading + lineHeight * (sentences.length - 1);
  return {
    width: inner + 2 * margin,
    height: top + gridHeight + caption + margin / 2,
    title,
    description: sentences.join(" "),
    content: [
      svg.text(
        { x: margin, y: margin + 14, fontSize: 18, fontWeight: 600, fill: theme.text },
        fit(title, inner, { size: 18, weight: 600 }),
      ),
      sentences.map((sentence, line) =>
        svg.text(
          { x: margin, y: margin + 38 + line * lineHeight, fontSize: 13, fill: theme.mutedText },
          fit(sentence, inner, { size: 13, weight: 400 }),
        ),
      ),
      results.map((result, place) => {
        const x = margin + place * (gridWidth + between);
        const y = top;
        const images = shown.map(({ filter }, at): SvgElement => {
          const one = result.excited.filters.find((other) => other.filter === filter)!;
          return svg.image({
            x: x + (at % side) * (tile + gap),
            y: y + Math.floor(at / side) * (tileHeight + gap),
            width: tile,
            height: tileHeight,
            href: addressOf(result.excited, one),
          });
        });
        const below = y + gridHeight;
        const mean = shown.reduce((sum, { filter }) => sum + activationOf(result.excited, filter), 0) / shown.length;
        const name = methodName(result.method);
        return svg.g(
          {},
          images,
          svg.text(
            { x, y: below + 20, fontSize: 14, fontWeight: 600, fill: theme.text },
            fit(name, gridWidth, { size: 14, weight: 600 }),
          ),
          svg.text(
            { x, y: below + 38, fontSize: 12, fill: theme.mutedText },
            fit(methodEffect(result.method), gridWidth, { size: 12, weight: 400 }),
          ),
          svg.text(
            { x, y: below + 56, fontSize: 12, fill: theme.mutedText },
            fit(`mean activation ${Number(mean.toPrecision(3))}`, gridWidth, { size: 12, weight: 400 }),
          ),
        );
      }),
    ],
  };
}

function activationOf({ filters }: ExcitedLayer, filter: number): number {
  return filters.find((other) => other.filter === filter)!.activation;
}

/** The image itself, as an address; its pixels enlarged, so that no viewer blurs them. */
function addressOf(layer: ExcitedLayer, filter: ExcitedLayer["filters"][number]): string {
  const { png } = encodePng(enlarge(filterPixels(layer, filter), 4));
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}
