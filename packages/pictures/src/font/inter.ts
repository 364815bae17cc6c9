import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { readFont, type Font } from "./font-file.ts";

/** The weights that pictures are set in: regular and semi-bold. */
export type FontWeight = 400 | 600;

/** What SVG files ask for: Inter, and where it is not installed what comes close to its widths. */
export const fontFamily = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

const files: { readonly [W in FontWeight]: string } = {
  400: "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
  600: "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
};

/** Where the font's file of each weight is. */
export function fontFiles(): { readonly [W in FontWeight]: string } {
  const { resolve } = createRequire(import.meta.url);
  return { 400: resolve(files[400]), 600: resolve(files[600]) };
}

const read = new Map<FontWeight, Font>();

/** Inter in one of the weights, read when it is first asked for. */
export function inter(weight: FontWeight): Font {
  const known = read.get(weight);
  if (known !== undefined) return known;
  const font = readFont(readFileSync(fontFiles()[weight]));
  read.set(weight, font);
  return font;
}
