import { encodeModel, exportModel, GraphBuilder, layer, sequential, type AnyModel } from "@argmin/nn";
import { describe, expect, it } from "vitest";
import { graphOfModel, graphOfOnnx, type NetworkGraph, type NetworkNode } from "@argmin/vision";
import { nameInside } from "../../src/drawing/groups.ts";
import { parametersOf } from "../../src/drawing/network-graph.ts";
import { branchedNetwork, plainNetwork } from "./networks.ts";

function exported(model: AnyModel): NetworkGraph {
  const weights = new Map(model.weights.map(({ name, size }) => [name, new Float32Array(size)]));
  return graphOfOnnx(exportModel(model, weights), "model.onnx");
}

describe.each([branchedNetwork(), plainNetwork()])("the drawing of the exported network $name", (model) => {
  const before = graphOfModel(model);
  const after = exported(model);
  const heavy = ({ nodes }: NetworkGraph): readonly NetworkNode[] =>
    nodes.filter(({ category }) => category === "convolution" || category === "dense");

  it("has the layers of the model with their parameters and arithmetic, and shapes but where what follows was put before the activation", () => {
    expect(heavy(after).map(({ name, parameters }) => [name, parameters])).toEqual(
      heavy(before).map(({ name, parameters }) => [name, parameters]),
    );
    heavy(after).forEach(({ shape, flops }, i) => {
      expect(shape).toEqual(heavy(before)[i]!.shape);
      expect(Math.abs(flops! - heavy(before)[i]!.flops!)).toBeLessThanOrEqual(0.1 * flops!);
    });
  });

  it("has as many parameters, statistics of batch normalization not among them", () => {
    expect(parametersOf(after)).toBe(parametersOf(before));
  });

  it("has every shape", () => {
    expect(after.nodes.filter(({ shape }) => shape === undefined)).toEqual([]);
    expect(after.nodes.at(-1)!.shape).toEqual(before.nodes.at(-1)!.shape);
  });
});

describe.each(["model", "file"])("the drawing of a %s", (of) => {
  it("tells windows, and strides where they are not the usual ones", () => {
    const network = sequential({ input: [3, 32, 32] }, [
      layer.conv2d({ filters: 4, kernelSize: 3, padding: "same", name: "plain" }),
      layer.conv2d({ filters: 4, kernelSize: [3, 1], strides: [2, 1], padding: "same", name: "tall" }),
      layer.maxPooling2d({ name: "pool" }),
      layer.averagePooling2d({ poolSize: 3, strides: 2, name: "overlap" }),
      layer.flatten({ name: "flat" }),
      layer.dense({ units: 2, name: "head" }),
    ]);
    const { nodes } = of === "model" ? graphOfModel(network) : exported(network);
    expect(nodes.slice(1, 5).map(({ title }) => title)).toEqual([
      "Convolution 3 × 3",
      "Convolution 3 × 1, stride 2 × 1",
      "Max pooling 2 × 2",
      "Average pooling 3 × 3, stride 2",
    ]);
  });
});

describe("the name of a layer inside a frame", () => {
  it("is the rest of it, the frame's where nothing is left, and no bare number", () => {
    const group = (...path: readonly string[]) => ({ path, first: 0, last: 2 });
    expect(nameInside("stage1_res2_conv", group("stage1", "res2"))).toBe("conv");
    expect(nameInside("stage1_pool", group("stage1", "pool"))).toBe("pool");
    expect(nameInside("layer1.0", group("layer1", "0"))).toBe("");
  });
});

describe("graphOfOnnx", () => {
  it("works out what comes out of a transposed convolution, and its arithmetic", () => {
    const builder = new GraphBuilder("up");
    const kernel = builder.constant(new Float32Array(4 * 6 * 2 * 2), { shape: [4, 6, 2, 2] });
    const images = builder.input("x", "float32", [1, 4, 8, 5]);
    const window = { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] };
    builder.output("y", builder.add("ConvTranspose", [images, kernel], { ...window, group: 1, output_padding: [0, 0] })[0]);
    const { nodes } = graphOfOnnx(encodeModel(builder.build()), "up.onnx");
    expect(nodes[1]).toMatchObject({
      title: "Transposed convolution 2 × 2, stride 2",
      shape: [6, 16, 10],
      parameters: 96,
      flops: 2 * 4 * 40 * 24,
    });
  });

  it("shows branches and what joins them", () => {
    const { nodes } = exported(branchedNetwork());
    const sum = nodes.find(({ name }) => name === "stage1_res1_sum")!;
    expect(sum).toMatchObject({ title: "Sum", category: "merge" });
    expect(sum.from.map((source) => nodes[source]!.name)).toEqual(["stage1_conv", "stage1_res1_conv"]);
  });
});
