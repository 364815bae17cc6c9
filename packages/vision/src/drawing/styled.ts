import { svg, type SvgContent, type TextStyle } from "@argmin/pictures";

/** A line of text whose left end, middle or right end stands at `x`, its baseline at `y`. */
export function styled(
  text: string,
  x: number,
  y: number,
  { size, weight }: TextStyle,
  fill: string,
  textAnchor?: "middle" | "end",
): SvgContent {
  return svg.text({ x, y, fontSize: size, fontWeight: weight, textAnchor, fill }, text);
}
