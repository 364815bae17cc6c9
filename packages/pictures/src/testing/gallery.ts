import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pictureText, type Picture } from "../picture.ts";
import { darkTheme, lightTheme, type Theme } from "../theme.ts";
import { textProblems } from "./text-problems.ts";

/** Pictures of fixed data that are held to files: the gallery is what the pictures look like, and their test. */
export interface Gallery {
  readonly name: string;
  /** Where `NAME.svg` of each picture lies. */
  readonly folder: string;
  /** By name; `NAME-dark` are drawn in the dark theme. */
  readonly pictures: Readonly<Record<string, (theme: Theme) => Picture>>;
}

/**
 * Holds each picture to its file in the folder: the same text, numbers to a twentieth of a pixel; and every text whole and clear of
 * the others. A picture that differs, or that has no file, is left beside it as `NAME-changed.svg`: look at it, then rename it.
 */
export function describeGallery({ name, folder, pictures }: Gallery): void {
  describe(name, () => {
    it.each(Object.keys(pictures))("%s", (key) => {
      const theme = key.endsWith("-dark") ? darkTheme : lightTheme;
      const picture = pictures[key]!(theme);
      const actual = pictureText(picture, theme);
      const changed = join(folder, `${key}-changed.svg`);
      const expected = readIfThere(join(folder, `${key}.svg`));
      const difference = expected === undefined ? "there is no file of it" : differenceOf(actual, expected);
      if (difference === undefined) rmSync(changed, { force: true });
      else {
        mkdirSync(folder, { recursive: true });
        writeFileSync(changed, actual);
      }
      expect(difference, `Look at ${changed}; if it is as it should be, rename it to ${key}.svg.`).toBeUndefined();
      expect(textProblems(picture)).toEqual([]);
    });

    it("has no file left of a picture that is gone", () => {
      const files = readdirSync(folder).filter((file) => file.endsWith(".svg") && !file.endsWith("-changed.svg"));
      expect(files.sort()).toEqual(
        Object.keys(pictures)
          .map((key) => `${key}.svg`)
          .sort(),
      );
    });
  });
}

const numberPattern = /(?<![\w#.])-?\d+(?:\.\d+)?/g;

/** Where two SVG texts say something else, in words; undefined if only roundings tell them apart. */
function differenceOf(actual: string, expected: string): string | undefined {
  const [lines, wanted] = [actual.split("\n"), expected.split("\n")];
  const line = lines.findIndex((text, i) => !isNear(text, wanted[i] ?? ""));
  if (line >= 0) return `line ${line + 1} is ${lines[line]}, not ${wanted[line] ?? "there"}`;
  return lines.length === wanted.length ? undefined : `${lines.length} lines instead of ${wanted.length}`;
}

function isNear(actual: string, expected: string): boolean {
  if (actual === expected) return true;
  if (actual.replace(numberPattern, "0") !== expected.replace(numberPattern, "0")) return false;
  const numbers = (text: string): readonly number[] => (text.match(numberPattern) ?? []).map(Number);
  const wanted = numbers(expected);
  return numbers(actual).every((number, i) => Math.abs(number - wanted[i]!) <= 0.05);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
