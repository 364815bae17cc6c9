import type { SvgElement } from "../element.ts";
import type { Picture } from "../picture.ts";
import { svg } from "../element.ts";
import { settingInside, usualSetting, widthOf, wordsOf, type TextSetting } from "../text-setting.ts";

/** Where a text stands: its four corners' extent in the picture. */
interface TextBox {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What an element hands on to those inside it: how text is set, and the map from its coordinates to the picture's. */
interface Inherited {
  readonly setting: TextSetting;
  readonly map: Affine;
}

/** `[a, b, c, d, e, f]`: x = a x + c y + e, y = b x + d y + f. */
type Affine = readonly [number, number, number, number, number, number];

/** What is wrong with the texts of a picture: one that is cut by its edge, or two that overlap. Empty if nothing is. */
export function textProblems(picture: Picture): readonly string[] {
  const boxes = boxesOf(svg.g({}, picture.content), { setting: usualSetting, map: [1, 0, 0, 1, 0, 0] });
  const cut = boxes
    .filter(({ left, right, top, bottom }) => left < 0 || top < 0 || right > picture.width || bottom > picture.height)
    .map(({ text }) => `"${text}" is cut by the edge of the picture.`);
  const sorted = boxes.toSorted((a, b) => a.left - b.left);
  const overlaps: string[] = [];
  sorted.forEach((one, i) => {
    for (let j = i + 1; j < sorted.length && sorted[j]!.left < one.right - slack; j += 1) {
      const other = sorted[j]!;
      if (one.top < other.bottom - slack && other.top < one.bottom - slack)
        overlaps.push(`"${one.text}" and "${other.text}" overlap.`);
    }
  });
  return [...cut, ...overlaps];
}

/** Texts may touch by so many pixels. */
const slack = 0.5;

function boxesOf(element: SvgElement, inherited: Inherited): readonly TextBox[] {
  const { attributes, children, tag } = element;
  if (attributes["opacity"] === 0) return [];
  const inside = { setting: settingInside(element, inherited.setting), map: compose(inherited.map, mapOf(element)) };
  if (tag === "text") {
    const words = wordsOf(element);
    return words.trim() === "" ? [] : [boxOf(words, numberOr(attributes["x"], 0), numberOr(attributes["y"], 0), inside)];
  }
  return children.flatMap((child) => (typeof child === "string" ? [] : boxesOf(child, inside)));
}

function boxOf(text: string, x: number, y: number, { setting, map }: Inherited): TextBox {
  const { fontSize, textAnchor } = setting;
  const width = widthOf(text, setting);
  const left = x - (textAnchor === "middle" ? width / 2 : textAnchor === "end" ? width : 0);
  // From the tops of capitals to the ends of most descenders.
  const corners = [left, left + width].flatMap((cornerX) =>
    [y - 0.73 * fontSize, y + 0.2 * fontSize].map((cornerY): readonly [number, number] => [
      map[0] * cornerX + map[2] * cornerY + map[4],
      map[1] * cornerX + map[3] * cornerY + map[5],
    ]),
  );
  const xs = corners.map(([cornerX]) => cornerX);
  const ys = corners.map(([, cornerY]) => cornerY);
  return { text, left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/** What the element's own transform, or a nested `svg`, does to coordinates. */
function mapOf({ tag, attributes }: SvgElement): Affine {
  if (tag === "svg") return [1, 0, 0, 1, numberOr(attributes["x"], 0), numberOr(attributes["y"], 0)];
  const { transform } = attributes;
  if (typeof transform !== "string") return [1, 0, 0, 1, 0, 0];
  const moves = [...transform.matchAll(/(translate|rotate)\(([^)]*)\)/g)].map(([, kind, numbers]): Affine => {
    const [first = 0, x = 0, y = 0] = numbers!.split(/[\s,]+/).map(Number);
    if (kind === "translate") return [1, 0, 0, 1, first, x];
    const [cos, sin] = [Math.cos((first * Math.PI) / 180), Math.sin((first * Math.PI) / 180)];
    return [cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y];
  });
  return moves.reduce(compose, [1, 0, 0, 1, 0, 0]);
}

function compose([a, b, c, d, e, f]: Affine, [a2, b2, c2, d2, e2, f2]: Affine): Affine {
  return [a * a2 + c * b2, b * a2 + d * b2, a * c2 + c * d2, b * c2 + d * d2, a * e2 + c * f2 + e, b * e2 + d * f2 + f];
}

function numberOr(value: unknown, usual: number): number {
  return typeof value === "number" ? value : usual;
}
