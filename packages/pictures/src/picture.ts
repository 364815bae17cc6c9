import { writeFileAtomically } from "@argmin/base";
import { elementText, svg, type SvgContent } from "./element.ts";
import { fontFamily } from "./font/inter.ts";
import { toPng, type PngOptions } from "./png.ts";
import { withTextLengths } from "./text-setting.ts";
import type { Theme } from "./theme.ts";

/** Something drawn, in pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** What it shows in a few words, for readers who cannot see it. */
  readonly title: string;
  /** What can be read off it, in a sentence or two. */
  readonly description?: string;
  readonly content: SvgContent;
}

/**
 * The picture as an SVG text: a file of its own, or an element of an HTML page. Its background is the theme's page; its texts keep
 * their widths in viewers that lack the font.
 */
export function pictureText(picture: Picture, theme: Theme): string {
  const { width, height, title, description, content } = picture;
  const drawn = svg.svg(
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: [0, 0, width, height],
      fontFamily,
      role: "img",
      ariaLabel: title,
    },
    description !== undefined && svg.desc({}, description),
    svg.rect({ x: 0, y: 0, width, height, fill: theme.page }),
    content,
  );
  return `${elementText(withTextLengths(drawn))}\n`;
}

/** The kinds of files a picture can be written as. */
export type PictureFormat = "svg" | "png";

export interface WritePictureOptions extends PngOptions {
  readonly theme: Theme;
  /** Which files to write unless the path ends in `.svg` or `.png`; both by default. */
  readonly formats?: readonly PictureFormat[];
}

/**
 * Writes a picture whole or not at all: `best` as `best.svg` and `best.png`, `best.svg` as that alone.
 *
 * @returns the paths written.
 * @throws ArgminError `file/full` or `file/unwritable` if a file cannot be written.
 */
export async function writePicture(path: string, picture: Picture, options: WritePictureOptions): Promise<readonly string[]> {
  const named = /\.(svg|png)$/.exec(path)?.[1];
  const formats: readonly string[] = named === undefined ? (options.formats ?? ["svg", "png"]) : [named];
  const stem = named === undefined ? path : path.slice(0, -4);
  const text = pictureText(picture, options.theme);
  const paths: string[] = [];
  for (const format of formats) {
    const file = `${stem}.${format}`;
    await writeFileAtomically(file, format === "svg" ? text : await toPng(text, options));
    paths.push(file);
  }
  return paths;
}
