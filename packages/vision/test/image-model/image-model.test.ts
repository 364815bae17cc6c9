import { compileModel, encodeModel, GraphBuilder, input, layer, model, sequential, type Value } from "@argmin/nn";
import { imageMetadata, openImageModel } from "@argmin/vision";
import { describe, expect, it } from "vitest";

const shape = [3, 4, 4] as const;
const pixels = Uint8Array.from({ length: 70 * 48 }, (_, i) => (i * 37) % 256);
const classes = { output: ["cat", "dog", "bird"] };

function small(activation: "softmax" | "sigmoid" | "linear" = "softmax") {
  const network = sequential({ input: shape, name: "small" }, [
    layer.normalization({ mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.2, 0.3] }),
    layer.flatten(),
    layer.dense({ units: 3, activation }),
  ]);
  return compileModel(network, { loss: "meanSquaredError", optimizer: "sgd", seed: 2 });
}

/** A network of one node on images, as other programs might write it. */
function graph(make: (x: Value, builder: GraphBuilder) => Value, sizes: readonly number[] = [1, 1, 1, 3]): GraphBuilder {
  const builder = new GraphBuilder("other");
  builder.output("y", make(builder.input("x", "float32", sizes), builder));
  return builder;
}

const flat = (x: Value, { op }: GraphBuilder): Value => op.Reshape(x, [1, 3]);

describe("a saved network of images", () => {
  it("gives what the engine gives, for any number of images", async () => {
    const trainer = small();
    const metadata = { ...imageMetadata({ channels: 3, classes, dataset: "cifar10" }), epoch: "7" };
    const saved = await openImageModel(await trainer.exportOnnx(undefined, { metadata }), "small.onnx");
    expect(saved).toMatchObject({ name: "small", input: shape, dataset: "cifar10", notes: [], batchSize: 64 });
    expect(saved.outputs).toMatchObject([{ name: "output", units: 3, classes: classes.output, isDistribution: true }]);
    expect(saved.metadata["epoch"]).toBe("7");
    const expected = await trainer.predict({ images: pixels });
    const [predicted] = await saved.predict(pixels, 70);
    predicted!.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6));
    expect(await saved.predict(pixels, 0)).toEqual([new Float32Array()]);
    await trainer.dispose();
    await saved.dispose();
  });

  it("names the classes of each output", async () => {
    const pixels = input([1, 2, 2]);
    const x = layer.flatten()(pixels);
    const heads = { fine: layer.dense({ units: 3, activation: "sigmoid" })(x), coarse: layer.dense({ units: 2 })(x) };
    const trainer = compileModel(model({ input: pixels, output: heads }), { loss: "meanSquaredError", optimizer: "sgd" });
    const metadata = imageMetadata({ channels: 1, classes: { fine: ["a", "b", "c"] } });
    const saved = await openImageModel(await trainer.exportOnnx(undefined, { metadata }), "two.onnx");
    expect(saved.outputs).toMatchObject([
      { name: "fine", units: 3, classes: ["a", "b", "c"], isDistribution: false },
      { name: "coarse", units: 2, classes: undefined, isDistribution: true },
    ]);
    expect(saved.notes).toEqual([]);
    expect((await saved.predict(Uint8Array.of(1, 2, 3, 4), 1)).map((shares) => shares.length)).toEqual([3, 2]);
    await trainer.dispose();
    await saved.dispose();
  });

  it("makes shares of scores, and leaves shares as they are", async () => {
    for (const [activation, sum] of [
      ["softmax", 1],
      ["linear", 1],
      ["sigmoid", undefined],
    ] as const) {
      const trainer = small(activation);
      const saved = await openImageModel(await trainer.exportOnnx(), "small.onnx");
      const [shares] = await saved.predict(pixels, 1);
      const given = await trainer.predict({ images: pixels.subarray(0, 48) });
      if (sum === undefined) expect([...shares!]).toEqual([...given].map((value) => expect.closeTo(value, 6)));
      else expect(shares!.reduce((a, b) => a + b, 0)).toBeCloseTo(sum, 6);
      expect(shares!.indexOf(Math.max(...shares!))).toBe(given.indexOf(Math.max(...given)));
      expect(saved.outputs).toMatchObject([{ classes: undefined }]);
      await trainer.dispose();
      await saved.dispose();
    }
  });

  it("takes a single number of any size for a logit, and says so", async () => {
    const single = (activation: "linear" | "sigmoid") =>
      compileModel(sequential({ input: shape, name: "single" }, [layer.flatten(), layer.dense({ units: 1, activation })]), {
        loss: "meanSquaredError",
        optimizer: "sgd",
        seed: 3,
      });
    for (const [activation, notes] of [
      [
        "linear",
        [
          "The output output of single.onnx is one number that may be of any size: it is taken for a logit, and its sigmoid shown.",
        ],
      ],
      ["sigmoid", []],
    ] as const) {
      const trainer = single(activation);
      const saved = await openImageModel(await trainer.exportOnnx(), "single.onnx");
      const [shares] = await saved.predict(pixels, 2);
      const given = await trainer.predict({ images: pixels.subarray(0, 96) });
      const wanted = activation === "sigmoid" ? [...given] : [...given].map((logit) => 1 / (1 + Math.exp(-logit)));
      expect([...shares!]).toEqual(wanted.map((share) => expect.closeTo(share, 6)));
      expect(saved).toMatchObject({ notes, outputs: [{ units: 1, isDistribution: false }] });
      await trainer.dispose();
      await saved.dispose();
    }
  });

  it("is fed as its file says, in batches of the size that it takes", async () => {
    const bytes = encodeModel(graph(flat).build());
    const softmax = (scores: readonly number[]): number[] => {
      const weights = scores.map(Math.exp);
      return weights.map((weight) => weight / weights.reduce((a, b) => a + b, 0));
    };
    for (const [range, expected] of [
      ["Normalized_0_1", [0, 0.2, 1]],
      ["normalized_1_1", [-1, -0.6, 1]],
      ["NominalRange_0_255", [0, 51, 255]],
    ] as const) {
      const metadata = { "image.nominalpixelrange": range, "Image.BitmapPixelFormat": "Gray8" };
      const saved = await openImageModel(encodeModel(graph(flat).build(), { metadata }), "other.onnx");
      const [shares] = await saved.predict(Uint8Array.of(0, 51, 255, 51, 51, 51), 2);
      const wanted = [...softmax(expected), ...softmax([0, 0, 0])];
      expect([...shares!]).toEqual(wanted.map((share) => expect.closeTo(share, 5)));
      await saved.dispose();
    }
    const channels = graph((x, { op }) => op.Reshape(x, [1, 3]), [1, 3, 1, 1]).build();
    const metadata = { "Image.BitmapPixelFormat": "BGR8", "Image.NominalPixelRange": "Normalized_0_1" };
    const reversed = await openImageModel(encodeModel(channels, { metadata }), "other.onnx");
    const [shares] = await reversed.predict(Uint8Array.of(255, 51, 0), 1);
    expect([...shares!]).toEqual(softmax([0, 0.2, 1]).map((share) => expect.closeTo(share, 5)));
    await reversed.dispose();

    // ModelProto.producer_name, field 2, of six letters.
    const elsewhere = Buffer.from(Buffer.from(bytes).toString("latin1").replace("argmin", "others"), "latin1");
    const unsaid = await openImageModel(elsewhere, "other.onnx");
    expect(unsaid.notes).toEqual(["other.onnx does not say how it wants pixels: they are given as numbers from 0 to 1."]);
    await unsaid.dispose();
  });

  it("is refused in one sentence where it takes or gives something else", async () => {
    const metadata = (entries: Readonly<Record<string, string>>) => encodeModel(graph(flat).build(), { metadata: entries });
    const two = graph((x, { op }) => op.Reshape(x, [1, 3]));
    two.output("z", two.op.Neg(two.input("mask", "float32", [1, 3])));
    const refusals: readonly (readonly [bytes: Uint8Array, sentence: RegExp])[] = [
      [
        encodeModel(two.build()),
        /^x\.onnx takes x, float32 \[1, 1, 1, 3\] and mask, float32 \[1, 3\]; wanted is a network with one input of images, float32 \[batch, 1 or 3, height, width\]\.$/,
      ],
      [encodeModel(graph(flat, [3]).build()), /^x\.onnx takes x, float32 \[3\]; wanted/],
      [encodeModel(graph((x) => x, [1, 7, 2, 2]).build()), /^x\.onnx takes x, float32 \[1, 7, 2, 2\]; wanted/],
      [
        encodeModel(graph((x, { op }) => op.Neg(x)).build()),
        /^The output y of x\.onnx is float32 \[1, 1, 1, 3\]; wanted is one number a class/,
      ],
      [metadata({ classes: '{"y":["a"]}' }), /^x\.onnx names 1 classes for its output y, which has 3\.$/],
      [metadata({ classes: "{" }), /^The list of class names in x\.onnx is not valid JSON/],
      [
        metadata({ "Image.NominalPixelRange": "NominalRange_16_235" }),
        /^x\.onnx wants its channel as pixels of nominalrange_16_235/,
      ],
      [
        metadata({ "Image.BitmapPixelFormat": "Rgba8" }),
        /^x\.onnx wants its channel as rgba8 of normalized_0_1, which is not known/,
      ],
      [new TextEncoder().encode("weights"), /^x\.onnx .* give a file that an ONNX exporter wrote\.$/],
    ];
    for (const [bytes, sentence] of refusals) await expect(openImageModel(bytes, "x.onnx")).rejects.toThrow(sentence);
    const odd = await openImageModel(metadata({ classes: '["of", "another", "program"]' }), "x.onnx");
    expect(odd.outputs).toMatchObject([{ classes: undefined }]);
    await odd.dispose();
    const classNames = ["a", "b", "c"];
    const named = await openImageModel(metadata({ classes: '{"y":["d","e","f"]}' }), "x.onnx", { classNames });
    expect(named.outputs).toMatchObject([{ classes: classNames }]);
    await named.dispose();
  });
});
