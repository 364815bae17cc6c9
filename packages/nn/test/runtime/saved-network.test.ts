import { describe, expect, it } from "vitest";
import { compileModel, encodeModel, GraphBuilder, layer, openNetwork, sequential } from "@argmin/nn";

const network = sequential({ input: [3, 8, 8], name: "small" }, [
  layer.conv2d({ filters: 4, kernelSize: 3, activation: "relu" }),
  layer.flatten(),
  layer.dense({ units: 5, activation: "softmax" }),
]);

describe("a saved network", () => {
  it("says what goes in and out, and gives what the engine gives", async () => {
    const trainer = compileModel(network, { loss: "categoricalCrossentropy", optimizer: "sgd", seed: 3 });
    const saved = await openNetwork(await trainer.exportOnnx(undefined, { metadata: { made: "today" } }), "small.onnx");
    expect(saved.model).toMatchObject({ producer: "argmin", metadata: { made: "today" } });
    expect(saved.inputs).toEqual([{ name: "input", type: "float32", shape: ["batch", 3, 8, 8] }]);
    expect(saved.outputs).toEqual([{ name: "output", type: "float32", shape: ["batch", 5] }]);
    const images = Float32Array.from({ length: 7 * 192 }, (_, i) => Math.sin(i));
    const expected = await trainer.predict({ images });
    for (const count of [7, 1]) {
      const { output } = await saved.run({ input: { data: images.subarray(0, count * 192), shape: [count, 3, 8, 8] } });
      expect(output!.shape).toEqual([count, 5]);
      output!.data.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
    }
    await trainer.dispose();
    await saved.dispose();
    await saved.dispose();
    await expect(saved.run({})).rejects.toThrow("small.onnx was disposed of");
  });

  it("refuses in a sentence what is no model, what it cannot run, and inputs of another shape", async () => {
    const text = new TextEncoder().encode("These are notes, not a network.");
    await expect(openNetwork(text, "notes.txt")).rejects.toThrow(/^notes\.txt .*; give a file that an ONNX exporter wrote\.$/);

    const builder = new GraphBuilder("counts");
    builder.output("y", builder.op.Cast(builder.input("x", "float32", [2]), "int32"));
    const counts = await openNetwork(encodeModel(builder.build()), "counts.onnx");
    const x = { data: Float32Array.of(1, 2), shape: [2] };
    await expect(counts.run({ x })).rejects.toThrow("The output y of counts.onnx is of int32, wanted float32; export it so.");
    await expect(counts.run({ x: { data: x.data, shape: [1, 2] } })).rejects.toMatchObject({
      code: "model/invalid",
      message: expect.stringMatching(/^ONNX Runtime refused counts\.onnx: .*\.$/),
    });
    await counts.dispose();
  });
});
