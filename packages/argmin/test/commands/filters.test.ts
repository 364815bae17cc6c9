import { Rng } from "@argmin/base";
import { encodeSafetensors, exportModel, layer, sequential, type Model } from "@argmin/nn";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FilterProgress, renderExcited } from "../../src/render/filters.ts";
import { argmin, argminHere, makeFolder, removeFolder, type Ended } from "../command.ts";
import { place } from "../folder-fixture.ts";

let folder: string;

/** The network of the fixture's point `some`, normalized or not. */
function network(isNormalized = false): Model {
  return sequential({ input: [3, 8, 8], name: "textures" }, [
    ...(isNormalized ? [layer.normalization({ name: "centre", mean: [0.5, 0.5, 0.5], deviation: [0.2, 0.2, 0.2] })] : []),
    layer.conv2d({ name: "edges", filters: 4, kernelSize: 3, padding: "same" }),
    layer.batchNormalization({ name: "edges_bn" }),
    layer.activation("relu", { name: "edges_relu" }),
    layer.conv2d({ name: "corners", filters: 6, kernelSize: 3, padding: "same", activation: "elu" }),
    layer.flatten({ name: "flat" }),
    layer.dense({ name: "classes", units: 3, activation: "softmax" }),
  ]);
}

/** Weights of a network in which filter 2 of the first layer never says anything. */
function weightsOf({ weights }: Model): ReadonlyMap<string, Float32Array> {
  const rng = Rng.fromSeed("weights");
  return new Map(
    weights.map(({ name, size }) => {
      const data = Float32Array.from({ length: size }, () =>
        rng.uniform(/(Variance|gamma|beta|bias)$/.test(name) ? 0.2 : -0.5, 0.5),
      );
      if (name === "edges_bn.beta") data[2] = -1000;
      return [name, data];
    }),
  );
}

function safetensors(model: Model): Uint8Array {
  const data = weightsOf(model);
  const tensors = new Map(model.weights.map(({ name, shape }) => [name, { shape, data: data.get(name)! }]));
  return encodeSafetensors({ tensors, metadata: {} });
}

beforeAll(async () => {
  folder = await makeFolder();
  await place("fixtures/textures.ts", folder);
  const kept = join(folder, "results", "textures", "retrain-some");
  await mkdir(kept, { recursive: true });
  await writeFile(join(kept, "best.safetensors"), safetensors(network()));
  await writeFile(join(folder, "normalized.onnx"), exportModel(network(true), weightsOf(network(true))));
});
afterAll(() => removeFolder(folder));

const here = (...args: readonly string[]): Promise<Ended> => argminHere(["filters", ...args], folder);
const there = (...args: readonly string[]): Promise<Ended> => argmin(["filters", "textures.ts", "--no-check", ...args], folder);

interface Told {
  readonly file: string;
  readonly layers: readonly {
    readonly layer: string;
    readonly silent: readonly number[];
    readonly methods: readonly { readonly filters: readonly { readonly before: number; readonly activation: number }[] }[];
    readonly files: readonly string[];
  }[];
}

describe("argmin filters", () => {
  it("says that there is no picture of a layer that nothing excites", () => {
    expect(renderExcited({ layer: "dead", filters: 4, total: 9 }, { side: 0, silent: [0, 2, 4, 6] })).toBe(
      "dead: nothing excited any of 4 filters, so there is no picture.",
    );
  });

  it("says in words how fast it goes and for how long", () => {
    const written: string[] = [];
    const progress = new FilterProgress(
      { write: (text) => void written.push(text), live: true, coloured: false, columns: () => 80 },
      100,
    );
    progress.step({ layer: "corners", work: 50, done: 30, count: 120, milliseconds: 1000 });
    expect(written.join("")).toMatch(/^corners: 25 % · 30 image steps a second · \S+( m?s)? left$/);
  });

  it("draws every convolution of what a retraining left behind, and counts the filters that nothing excites", async () => {
    const { code, stdout, stderr } = await there("--point", "some", "--steps", "8");
    expect(code).toBe(0);
    expect(stderr).toContain("edges_relu: the strongest 1 of 4 filters; nothing excited 1 filter: 2.\n");
    expect(stderr).toContain("corners: the strongest 4 of 6 filters");
    const grids = ["edges_relu_1-of-4_1x1.png", "corners_4-of-6_2x2.png"];
    const into = join("results", "textures", "retrain-some", "filters");
    expect(stdout).toBe(grids.map((name) => `${join(into, name)}\n`).join(""));
    for (const name of grids) expect((await readFile(join(folder, into, name))).subarray(1, 4).toString()).toBe("PNG");
  });

  it("draws an .onnx file's layers, the same for the same seed", async () => {
    const args = ["normalized.onnx", "--layers", "cor*, classes", "--steps", "6", "--count", "3", "--jitter", "2"];
    const documents: Told[] = [];
    const pictures: Buffer[] = [];
    for (const seed of ["7", "7", "8"]) {
      const { code, stdout } = await here(...args, "--seed", seed, "--json", "--out", `seed${documents.length}`);
      expect(code).toBe(0);
      const told: Told = JSON.parse(stdout);
      documents.push(told);
      pictures.push(await readFile(told.layers[0]!.files[0]!));
    }
    expect(documents[0]).toMatchObject({
      file: join(folder, "normalized.onnx"),
      steps: 6,
      seed: 7,
      layers: [
        { layer: "corners", total: 6, grid: 1, methods: [{ jitter: 2, totalVariation: 0.1, l2: 0 }] },
        { layer: "classes", total: 3 },
      ],
    });
    const [{ filters } = { filters: [] }] = documents[0]!.layers[0]!.methods;
    expect(filters.map((each) => ("filter" in each ? each.filter : -1))).toEqual([0, 2, 4]);
    for (const { before, activation } of filters) expect(activation).toBeGreaterThan(before);
    expect(pictures[1]!.equals(pictures[0]!)).toBe(true);
    expect(pictures[2]!.equals(pictures[0]!)).toBe(false);
  });

  it("takes a folder with a network, and shows the ways beside each other", async () => {
    const kept = join(folder, "kept");
    await mkdir(kept);
    await writeFile(join(kept, "model.onnx"), exportModel(network(true), weightsOf(network(true))));
    const { code, stdout, stderr } = await here("kept", "--layers", "edges*relu", "--steps", "4", "--compare", "--theme", "dark");
    expect(stderr).toContain("edges_relu: 4 of 4 filters; nothing excited 1 filter: 2.\n");
    expect([code, stdout]).toEqual([
      0,
      ["svg", "png"].map((end) => `${join("kept", "filters", `edges_relu_methods.${end}`)}\n`).join(""),
    ]);
    const text = await readFile(join(kept, "filters", "edges_relu_methods.svg"), "utf8");
    for (const words of ["Plain", "Jitter of 1 pixel", "Total variation 0.2", "L2 0.5", "All three", "Crossed out"])
      expect(text).toContain(words);
    expect(await readdir(join(kept, "filters"))).toHaveLength(2);
  });

  it("says in a sentence what cannot be, and why", async () => {
    await writeFile(join(folder, "normalized.safetensors"), safetensors(network(true)));
    await writeFile(join(folder, "broken.onnx"), "no model");
    const dense = sequential({ input: [3, 4, 4], name: "dense" }, [
      layer.flatten({ name: "flat" }),
      layer.dense({ name: "only", units: 2 }),
    ]);
    await writeFile(join(folder, "dense.onnx"), exportModel(dense, weightsOf(dense)));
    const own = "textures.ts --no-check --point some";
    const refusals: readonly (readonly [line: string, sentence: RegExp])[] = [
      [
        `${own} --layers corner`,
        /^argmin: textures has no layer 'corner'; it has edges, edges_bn, edges_relu, corners, flat, classes\. Did you mean 'corners'\?/,
      ],
      [
        "textures.ts --no-check --point more",
        /retrain-more holds no trained network; 'argmin retrain textures\.ts --point more' makes one/,
      ],
      [
        `textures.ts --no-check --point more --weights results/textures/retrain-some/best.safetensors`,
        /The corners\.kernel of .*best\.safetensors is \[6, 4, 3, 3\], the model textures wants \[9, 4, 3, 3\]/,
      ],
      [
        `${own} --normalized --weights normalized.safetensors`,
        /normalizes images by those it was trained on, which normalized\.safetensors does not hold/,
      ],
      [`${own} --weights missing.safetensors`, /Cannot read the checkpoint .*missing\.safetensors/],
      ["broken.onnx", /broken\.onnx .* give a file that an ONNX exporter wrote/],
      ["missing.onnx", /There is no file missing\.onnx; give an \.onnx file/],
      ["normalized.onnx --trial 3", /--trial chooses among an experiment's networks/],
      ["dense.onnx", /dense has no convolutions; choose among its layers by --layers: flat, only/],
      ["normalized.onnx --steps 0", /--steps "0" is not understood; give a whole number from 1/],
      ["mnist-2v7 --point published", /retrain-published holds no trained network/],
    ];
    for (const [line, sentence] of refusals) {
      const { code, stdout, stderr } = await argmin(["filters", ...line.split(" ")], folder);
      expect(stderr).toMatch(sentence);
      expect([stdout, code === 0, stderr.trim().split("\n").length]).toEqual(["", false, 1]);
    }
    expect(existsSync(join(folder, "filters"))).toBe(false);
  });
});
