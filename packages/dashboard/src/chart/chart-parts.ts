import { svg, translate, type Picture, type TextStyle, type Theme } from "@argmin/pictures";
import type { Chart } from "../chart.ts";
import { paragraph } from "./frame.ts";

/** How a chart is drawn. */
export interface ChartOptions {
  readonly theme: Theme;
}

/** A chart of which there is nothing to draw. */
export function nothing(name: string, title: string, why: string): Chart {
  return { name, title, content: { kind: "nothing", why } };
}

/** Sentences as a chart's note; none if there are none. */
export function notes(...sentences: readonly (string | undefined)[]): { readonly note?: string } {
  const said = sentences.filter((sentence) => sentence !== undefined);
  return said.length === 0 ? {} : { note: said.join(" ") };
}

const titleStyle: TextStyle = { size: 19, weight: 600 };
const noteStyle: TextStyle = { size: 12.5 };
const margin = 20;

/**
 * A chart's picture with its title and note above it, to stand by itself; the picture alone has neither, for a page that writes them as
 * text. `undefined` where there is nothing to draw.
 */
export function withHeading({ title, note, content }: Chart, { theme }: ChartOptions): Picture | undefined {
  if (content.kind === "nothing") return undefined;
  const { picture } = content;
  const box = { x: margin, width: picture.width };
  const titleLines = paragraph(title, { ...box, y: margin + 16 }, { fill: theme.text, style: titleStyle, lineHeight: 25 });
  const noteTop = margin + titleLines.lines * 25 + 14;
  const noteLines = paragraph(note ?? "", { ...box, y: noteTop }, { fill: theme.mutedText, style: noteStyle, lineHeight: 19 });
  const top = noteTop + noteLines.lines * 19 - (noteLines.lines > 0 ? 4 : 10);
  return {
    ...picture,
    width: picture.width + 2 * margin,
    height: top + picture.height + margin,
    content: [titleLines.content, noteLines.content, svg.g({ transform: translate(margin, top) }, picture.content)],
  };
}
