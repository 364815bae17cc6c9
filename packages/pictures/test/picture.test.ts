import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Resvg } from "@resvg/resvg-js";
import {
  darkTheme,
  elementText,
  fontFiles,
  lightTheme,
  measure,
  pictureText,
  svg,
  toPng,
  writePicture,
  type Picture,
} from "../src/index.ts";
import { withTextLengths } from "../src/text-setting.ts";

const picture: Picture = {
  width: 40,
  height: 20,
  title: 'A "box" & more',
  description: "One box.",
  content: svg.rect({ x: 0, y: 0, width: 20, height: 20, fill: "#ff0000" }),
};

describe("pictureText", () => {
  it("is an SVG document of its own, with words for who cannot see it", () => {
    const text = pictureText(picture, darkTheme);
    expect(text).toMatch(
      /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="40" height="20" viewBox="0 0 40 20" font-family="Inter,/,
    );
    expect(text).toContain('role="img" aria-label="A &quot;box&quot; &amp; more"');
    expect(text).toContain("<desc>One box.</desc>");
    expect(text).toContain(`fill="${darkTheme.page}"`);
  });
});

describe("texts of a picture", () => {
  it("have their widths in Inter, whatever font a viewer takes", () => {
    const content = svg.g(
      { fontSize: 12, fontWeight: 600 },
      svg.text({ x: 2, y: 12 }, "Text"),
      svg.text({ x: 2, y: 12, fontSize: 8 }, ""),
    );
    const text = pictureText({ ...picture, content }, lightTheme);
    expect(text).toContain(
      `textLength="${measure("Text", { size: 12, weight: 600 }).toFixed(2)}" lengthAdjust="spacingAndGlyphs"`,
    );
    expect(text.split("textLength")).toHaveLength(2);
  });

  it("look in a PNG as they would without", () => {
    const text = svg.svg(
      { xmlns: "http://www.w3.org/2000/svg", width: 120, height: 20 },
      svg.text({ x: 2, y: 14, fontSize: 12 }, "AVATAR, To 42"),
    );
    const [fixed, free] = [pixels(elementText(withTextLengths(text))), pixels(elementText(text))];
    const differing = fixed.filter((value, i) => Math.abs(value - free[i]!) > 40).length;
    expect(differing / fixed.length).toBeLessThan(0.01);
  });
});

function pixels(text: string): Uint8Array {
  return new Resvg(text, {
    font: { loadSystemFonts: false, fontFiles: Object.values(fontFiles()), defaultFontFamily: "Inter" },
  }).render().pixels;
}

describe("toPng", () => {
  it("gives an image of the picture's size times the scale", async () => {
    const png = Buffer.from(await toPng(pictureText(picture, lightTheme), { scale: 3 }));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([120, 60]);
  });

  it("draws text in both weights", async () => {
    const image = (content: Picture["content"]): Promise<Uint8Array> => toPng(pictureText({ ...picture, content }, lightTheme));
    const texts = [400, 600].map((fontWeight) => svg.text({ x: 2, y: 12, fontSize: 12, fontWeight }, "Text"));
    const images = await Promise.all([image(undefined), ...texts.map(image)]);
    expect(new Set(images.map((png) => Buffer.from(png).toString("base64"))).size).toBe(3);
  });
});

describe("writePicture", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "argmin-pictures-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("writes both files, or the one that the path or the options name", async () => {
    const path = join(folder, "new", "best");
    expect(await writePicture(path, picture, { theme: lightTheme })).toEqual([`${path}.svg`, `${path}.png`]);
    expect(await readFile(`${path}.svg`, "utf8")).toBe(pictureText(picture, lightTheme));
    await writePicture(join(folder, "one.svg"), picture, { theme: lightTheme });
    await writePicture(join(folder, "two"), picture, { theme: lightTheme, formats: ["png"] });
    expect((await readdir(folder)).sort()).toEqual(["new", "one.svg", "two.png"]);
  });

  it("says which file cannot be written", async () => {
    await writePicture(join(folder, "file.svg"), picture, { theme: lightTheme });
    const inFile = join(folder, "file.svg", "picture");
    await expect(writePicture(inFile, picture, { theme: lightTheme })).rejects.toMatchObject({ code: "file/unwritable" });
  });
});
