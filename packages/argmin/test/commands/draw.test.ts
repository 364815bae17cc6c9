import { exportModel, layer, sequential } from "@argmin/nn";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { argmin, argminHere, makeFolder, removeFolder, type Ended } from "../command.ts";
import { place } from "../folder-fixture.ts";

let folder: string;
let ran: Ended;

beforeAll(async () => {
  folder = await makeFolder();
  await place("fixtures/widths.ts", folder);
  ran = await argmin(["run", "widths.ts", "--no-check", "--depth", "2"], folder);
});
afterAll(() => removeFolder(folder));

const here = (...args: readonly string[]): Promise<Ended> => argminHere(args, folder);
const there = (...args: readonly string[]): Promise<Ended> => argmin([...args, "--no-check"], folder);

/** The texts of an SVG file, one a line. */
async function textsOf(...path: readonly string[]): Promise<string> {
  const text = await readFile(join(folder, ...path), "utf8");
  return [...text.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, words]) => words).join("\n");
}

describe("argmin draw", () => {
  it("draws the first point of an experiment, and says where", async () => {
    const { code, stdout } = await here("draw", "mnist-2v7");
    expect(code).toBe(0);
    const files = ["svg", "png"].map((ending) => join("results", "mnist-2v7", `network-published.${ending}`));
    expect(stdout).toBe(`${files.join("\n")}\n`);
    expect(await textsOf(files[0]!)).toMatch(/^mnist-2v7: published\n8 layers with 9,578 parameters, 409,700 floating/);
    expect((await readFile(join(folder, files[1]!))).subarray(1, 4).toString()).toBe("PNG");
  });

  it("draws the demo network of vooban-cifar100 in blocks, into any folder", async () => {
    const args = ["--level", "compact", "--format", "svg", "--theme", "dark", "--out", "pictures"];
    const { code, stdout } = await here("draw", "vooban-cifar100", ...args);
    expect([code, stdout]).toEqual([0, `${join("pictures", "network-demo-compact.svg")}\n`]);
    const texts = await textsOf("pictures", "network-demo-compact.svg");
    for (const words of ["vooban-cifar100: demo", "stage3", "Residual block, 5 layers", "Output coarse"])
      expect(texts).toContain(words);
  });

  it("draws the best trial and any other, with the study's options", async () => {
    const { stdout } = await there("draw", "widths.ts", "--trial", "best", "--format", "svg", "--json");
    const document: { files: string[]; point: string } = JSON.parse(stdout);
    expect(document).toMatchObject({ experiment: "widths", study: "widths", options: { depth: 2 }, layers: 4, level: "full" });
    expect(document.files).toEqual([join(folder, "results", "widths", `network-${document.point}.svg`)]);
    const texts = await textsOf("results", "widths", `network-${document.point}.svg`);
    expect(texts).toMatch(/^widths: trial \d+, score \d+\n/);
    expect((await there("draw", "widths.ts", "--trial", "3", "--format", "svg")).stdout).toContain("network-trial-3.svg");
    expect((await there("draw", "widths.ts", "--study", "widths", "--format", "svg")).stdout).toContain(document.point);
  });

  it("draws an .onnx file beside it", async () => {
    const model = sequential({ input: [3, 8, 8] }, [layer.flatten({ name: "flat" }), layer.dense({ name: "head", units: 5 })]);
    const weights = new Map(model.weights.map(({ name, size }) => [name, new Float32Array(size)]));
    await writeFile(join(folder, "small.onnx"), exportModel(model, weights));
    expect((await here("draw", "small.onnx")).stdout).toBe("small.svg\nsmall.png\n");
    expect(await textsOf("small.svg")).toContain("965 parameters");
    await mkdir(join(folder, "retrain-best"));
    await writeFile(join(folder, "retrain-best", "model.onnx"), exportModel(model, weights));
    expect((await here("draw", "retrain-best", "--format", "svg")).stdout).toBe(`${join("retrain-best", "model.svg")}\n`);
  });

  it("says in a sentence what cannot be drawn, and why", async () => {
    await place("fixtures/valley.ts", folder);
    await writeFile(join(folder, "broken.onnx"), "no model");
    const refusals: readonly (readonly [args: readonly string[], sentence: RegExp])[] = [
      [["valley.ts", "--no-check"], /does not tell what its networks are; give it a 'network' step/],
      [["broken.onnx"], /broken\.onnx .* give a file that an ONNX exporter wrote/],
      [
        ["small.onnx", "--out", "best.svg"],
        /--out "best\.svg" is not understood; give a folder, in which the files have their own names/,
      ],
      [["missing.onnx"], /There is no file missing\.onnx/],
      [["results"], /There is no file results[/\\]model\.onnx; give an \.onnx file or an experiment/],
      [["small.onnx", "--trial", "3"], /--trial chooses among an experiment's networks/],
      [["widths.ts", "--no-check", "--point", "narow"], /no point 'narow'.*Did you mean 'narrow'/],
      [["widths.ts", "--no-check", "--trial", "99"], /has no trial 99, so there is nothing to draw/],
      [["widths.ts", "--no-check", "--trial", "1", "--point", "narrow"], /both say what to draw/],
    ];
    for (const [args, sentence] of refusals) {
      const { code, stdout, stderr } = await argmin(["draw", ...args], folder);
      expect(stderr).toMatch(sentence);
      expect([stdout, code === 0, stderr.trim().split("\n").length]).toEqual(["", false, 1]);
    }
  });
});

describe("argmin run", () => {
  it("draws the first point and the best network into the results", async () => {
    expect(ran.stderr).not.toContain("could not be drawn");
    const files = await readdir(join(folder, "results", "widths"));
    expect(files).toContain("network-narrow.svg");
    const best = /^\s+trial\s+(\d+)\n\s+score\s+(\d+)/m.exec(ran.stdout)!;
    const texts = await textsOf("results", "widths", "network-best.svg");
    expect(texts).toContain(`widths: best, trial ${best[1]}, score ${best[2]}`);
    expect(texts).toContain("4 layers");
    expect(existsSync(join(folder, "results", "widths", "network-best.png"))).toBe(false);
  });

  it("leaves no drawing of a study that could not begin", async () => {
    const { code, stderr } = await there("run", "widths.ts", "--study", "never", "--depth", "9");
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining("nine layers learn nothing")]);
    expect(existsSync(join(folder, "results", "never"))).toBe(false);
  });
});
