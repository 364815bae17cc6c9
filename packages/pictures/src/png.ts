import { fontFiles } from "./font/inter.ts";

export interface PngOptions {
  /** Pixels of the image for one of the picture's; default 2, for screens with fine pixels. */
  readonly scale?: number;
}

/** The bytes of a PNG image of an SVG text; set in the fonts that argmin brings along, so it looks the same on every machine. */
export async function toPng(svgText: string, { scale = 2 }: PngOptions = {}): Promise<Uint8Array> {
  // The renderer is a library of machine code: loaded only where it is needed.
  const { renderAsync } = await import("@resvg/resvg-js");
  const image = await renderAsync(svgText, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: Object.values(fontFiles()),
      defaultFontFamily: "Inter",
      sansSerifFamily: "Inter",
    },
  });
  return image.asPng();
}
