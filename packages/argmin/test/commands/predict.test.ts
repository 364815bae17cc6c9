import { encodeModel, encodePng, GraphBuilder, type Trainer } from "@argmin/nn";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { argminHere, makeFolder, removeFolder, type Ended } from "../command.ts";
import { fewImages } from "../experiments/cifar/few-images.ts";
import { oneHeaded, twoHeaded } from "./saved-models.ts";

const images = fewImages(70);
const pixels = 3 * 32 * 32;

/** The document of `--json`. */
interface Document {
  readonly model: string;
  readonly input: readonly number[];
  readonly outputs: readonly { readonly name: string; readonly classes: number }[];
  readonly images: readonly {
    readonly file: string;
    readonly predictions?: Readonly<
      Record<string, readonly { readonly index: number; readonly name: string; readonly probability: number }[]>
    >;
    readonly error?: { readonly code: string; readonly message: string };
  }[];
  readonly count: number;
  readonly unreadable: number;
}

let folder = "";
let trainer: Trainer;
beforeAll(async () => {
  folder = await makeFolder();
  await mkdir(join(folder, "retrain-best"));
  const named = await oneHeaded(images.classes, "named");
  trainer = named.trainer;
  await writeFile(join(folder, "retrain-best", "model.onnx"), named.bytes);
  await writeFile(join(folder, "nameless.onnx"), (await oneHeaded(images.classes, "nameless")).bytes);
  await writeFile(join(folder, "two.onnx"), await twoHeaded(images));
  await trainer.save(join(folder, "best.safetensors"));
  await mkdir(join(folder, "album", "inner"), { recursive: true });
  for (let i = 0; i < images.count; i++) {
    const data = Uint8Array.from(
      { length: pixels },
      (_, at) => images.images[i * pixels + (at % 3) * 1024 + Math.floor(at / 3)]!,
    );
    const path = i < 69 ? join("album", `image${i}.png`) : join("album", "inner", "last.png");
    await writeFile(join(folder, path), encodePng({ width: 32, height: 32, channels: 3, data }).png);
  }
  await writeFile(join(folder, "notes.txt"), "no image");
});
afterAll(async () => {
  await trainer.dispose();
  await removeFolder(folder);
});

const here = (...args: readonly string[]): Promise<Ended> => argminHere(["predict", ...args], folder);

describe("argmin predict", () => {
  it("gives for each file of a folder what the engine gives", async () => {
    const { code, stdout, stderr } = await here("retrain-best", "album", "--json", "--top", "100");
    const document: Document = JSON.parse(stdout);
    expect([code, stderr]).toEqual([0, "70 images looked at.\n"]);
    expect(document).toMatchObject({
      model: join(folder, "retrain-best", "model.onnx"),
      input: [3, 32, 32],
      outputs: [{ name: "output", classes: 100 }],
      count: 70,
      unreadable: 0,
    });
    const expected = await trainer.predict({ images: images.images });
    expect(document.images).toHaveLength(70);
    document.images.forEach(({ file, predictions }, i) => {
      expect(file).toBe(join(folder, "album", ...(i < 69 ? [`image${i}.png`] : ["inner", "last.png"])));
      const { output } = predictions!;
      expect(output!.map(({ probability }) => probability)).toEqual(
        output!.map(({ index }) => expect.closeTo(expected[i * 100 + index]!, 5)),
      );
      expect(output!.every(({ index, name }) => name === images.classes[index])).toBe(true);
      expect(output!.every(({ probability }, rank) => rank === 0 || probability <= output![rank - 1]!.probability)).toBe(true);
    });
  });

  it("says in lines what is on an image, for each output", async () => {
    const one = await here("retrain-best", "album/inner", "album/image3.png", "--top", "2");
    expect(one.stdout.trim().split("\n")).toEqual([
      expect.stringMatching(/^album\/inner\/last\.png: class\d+: \d+\.\d %, class\d+: \d+\.\d %$/),
      expect.stringMatching(/^album\/image3\.png: class/),
    ]);
    const two = await here("two.onnx", "album/image3.png", "--top", "1");
    expect(two.stdout).toMatch(/^album\/image3\.png\n {2}fine: class\d+: \d+\.\d %\n {2}coarse: group\d+: \d+\.\d %\n$/);
  });

  it("names what is no image, goes on with the rest, and ends with 6", async () => {
    const { code, stdout, stderr } = await here("retrain-best", "notes.txt", "album/image1.png", "gone.png");
    expect(code).toBe(6);
    expect(stdout).toMatch(/^album\/image1\.png: [^\n]+\n$/);
    expect(stderr.split("\n")).toEqual([
      "notes.txt is no image that can be read: its format is not known.",
      "There is no file or folder gone.png.",
      "1 image looked at; 2 files could not be read.",
      "",
    ]);
    const asJson = await here("retrain-best", "notes.txt", "album/image1.png", "gone.png", "--json");
    const document: Document = JSON.parse(asJson.stdout);
    expect([asJson.code, document.count, document.unreadable]).toEqual([6, 1, 2]);
    expect(document.images.map(({ error }) => error?.code)).toEqual(["data/corrupt", undefined, "data/missing"]);
  });

  it("ends its document with the error where a model breaks on the way", async () => {
    const builder = new GraphBuilder("breaks");
    const { op } = builder;
    // What is dark becomes no number.
    const x = builder.input("x", "float32", [1, 1, 1, 2]);
    builder.output("y", op.Log(op.Sub(op.Reshape(x, [1, 2]), 0.2)));
    await writeFile(join(folder, "breaks.onnx"), encodeModel(builder.build()));
    for (const [name, grey] of [
      ["a-light.png", 255],
      ["b-dark.png", 0],
    ] as const)
      await writeFile(join(folder, name), encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(grey, 255) }).png);
    const { code, stdout, stderr } = await here("breaks.onnx", "a-light.png", "b-dark.png", "--json");
    const document: Document & { readonly error: object } = JSON.parse(stdout);
    expect([code, document.images.length]).toEqual([1, 1]);
    expect(document.error).toMatchObject({
      code: "model/invalid",
      message: expect.stringMatching(/b-dark\.png something that is no number/),
    });
    expect(stderr.trim().split("\n").at(-1)).toMatch(
      /^argmin: The model gives .*b-dark\.png something that is no number \(NaN\); it cannot be used\.$/,
    );
  });

  it("ends with 6 where there is nothing to look at", async () => {
    await mkdir(join(folder, "empty"), { recursive: true });
    const { code, stdout, stderr } = await here("retrain-best", "empty", "--json");
    expect([code, JSON.parse(stdout)]).toEqual([6, expect.objectContaining({ images: [], count: 0 })]);
    expect(stderr).toBe("There are no files in what was given.\n");
  });

  it("numbers the classes of a file that does not name them, and takes names from another", async () => {
    const nameless = await here("nameless.onnx", "album/image1.png", "--top", "1");
    expect(nameless.stdout).toMatch(/: class \d+: \d+\.\d %\n$/);
    expect(nameless.stderr).toMatch(
      /^nameless\.onnx does not name its classes, so they are numbers here; --classes FILE names them/,
    );
    await writeFile(join(folder, "names.txt"), `${images.classes.map((name) => `the_${name}`).join("\r\n")}\n`);
    const named = await here("nameless.onnx", "album/image1.png", "--classes", "names.txt");
    expect([named.stdout, named.stderr]).toEqual([expect.stringMatching(/: the class\d+: /), "1 image looked at.\n"]);
    const { stdout } = await here("nameless.onnx", "album/image1.png", "--classes", "names.txt", "--json");
    const document: Document = JSON.parse(stdout);
    for (const { name, index } of document.images[0]!.predictions!["output"]!) expect(name).toBe(`the_${images.classes[index]}`);
  });

  it("says in a sentence what is wrong with a model", async () => {
    await writeFile(join(folder, "few.txt"), "a\nb\n");
    const refusals: readonly (readonly [args: readonly string[], exit: number, sentence: RegExp])[] = [
      [["notes.txt", "album"], 1, /^argmin: notes\.txt .* give a file that an ONNX exporter wrote\.$/m],
      [["best.safetensors", "album"], 2, /^argmin: best\.safetensors holds weights without their network; give the \.onnx file/m],
      [["album", "album"], 6, /^argmin: There is no model\.onnx in the folder album; give an \.onnx file/m],
      [["none.onnx", "album"], 6, /^argmin: There is no file none\.onnx; give an \.onnx file/m],
      [["two.onnx", "album", "--classes", "none.txt"], 6, /^argmin: There is no file none\.txt; give a file of class names/m],
      [
        ["two.onnx", "album", "--classes", "few.txt"],
        2,
        /^argmin: 2 class names are too few or too many for two\.onnx: its output fine has 100 and coarse has 20; give one a class\.$/m,
      ],
    ];
    for (const [args, exit, sentence] of refusals) {
      const { code, stdout, stderr } = await here(...args);
      expect([code, stdout]).toEqual([exit, ""]);
      expect(stderr).toMatch(sentence);
    }
  });
});
