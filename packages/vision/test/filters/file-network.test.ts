import { Rng } from "@argmin/base";
import { compileResponses, exportModel, layer, sequential, trainedNetwork, type TrainedNetwork } from "@argmin/nn";
import { imageMetadata, imageNetworkOfOnnx } from "@argmin/vision";
import { describe, expect, it } from "vitest";

const model = sequential({ input: [3, 4, 4], name: "small" }, [
  layer.conv2d({ name: "first", filters: 5, kernelSize: 3, padding: "same", activation: "tanh" }),
  layer.flatten({ name: "flat" }),
  layer.dense({ name: "classes", units: 2, activation: "softmax" }),
]);
const rng = Rng.fromSeed("weights");
const weights = new Map(
  model.weights.map(({ name, size }) => [name, Float32Array.from({ length: size }, () => rng.uniform(-0.1, 0.1))]),
);

/** What a network's first layer says to an image, and the gradient to it. */
async function lookAt(network: TrainedNetwork, pixels: Float32Array) {
  const responses = await compileResponses(network, { layer: "first", batch: 1 });
  responses.input.set(pixels);
  responses.selection.set([1, -2, 3, -4, 5]);
  await responses.run();
  await responses.dispose();
  return { response: responses.response[0]!, gradient: responses.gradient };
}

const fileOf = (metadata: Readonly<Record<string, string>>): Uint8Array => exportModel(model, weights, metadata);

describe("the network of a file of images", () => {
  const image = Float32Array.from({ length: 48 }, () => rng.uniform(0, 1));
  const reversed = (values: Float32Array): Float32Array =>
    Float32Array.from([...values.subarray(32), ...values.subarray(16, 32), ...values.subarray(0, 16)]);

  for (const [range, factor, offset] of [
    ["Normalized_0_1", 1, 0],
    ["Normalized_1_1", 2, -1],
    ["NominalRange_0_255", 255, 0],
  ] as const) {
    for (const order of ["Rgb8", "Bgr8"]) {
      it(`takes pixels from 0 to 1, red first, where the file wants ${order} of ${range}`, async () => {
        const metadata = { "Image.NominalPixelRange": range, "Image.BitmapPixelFormat": order };
        const { network, notes } = imageNetworkOfOnnx(fileOf(metadata), "small.onnx");
        expect(notes).toEqual([]);
        const turn = order === "Bgr8" ? reversed : (values: Float32Array): Float32Array => values;
        const wanted = await lookAt(
          trainedNetwork(model, weights),
          turn(image).map((pixel) => factor * pixel + offset),
        );
        const { response, gradient } = await lookAt(network, image);
        expect(response).toBeCloseTo(wanted.response, 4);
        const slope = turn(wanted.gradient);
        gradient.forEach((value, i) => expect(value).toBeCloseTo(factor * slope[i]!, 4));
      });
    }
  }

  it("is refused where it wants pixels of another kind", () => {
    const hsv = fileOf({ ...imageMetadata({ channels: 3, classes: {} }), "Image.BitmapPixelFormat": "Hsv" });
    expect(() => imageNetworkOfOnnx(hsv, "hsv.onnx")).toThrow(
      "hsv.onnx wants its 3 channels as hsv of normalized_0_1, which is not known here.",
    );
  });
});
