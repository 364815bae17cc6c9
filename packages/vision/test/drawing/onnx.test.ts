import { exportModel, type AnyModel } from "@argmin/nn";
import { describe, expect, it } from "vitest";
import { graphOfModel, graphOfOnnx, type NetworkGraph, type NetworkNode } from "@argmin/vision";
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

describe("graphOfOnnx", () => {
  it("shows branches and what joins them", () => {
    const { nodes } = exported(branchedNetwork());
    const sum = nodes.find(({ name }) => name === "stage1_res1_sum")!;
    expect(sum).toMatchObject({ title: "Sum", category: "merge" });
    expect(sum.from.map((source) => nodes[source]!.name)).toEqual(["stage1_conv", "stage1_res1_conv"]);
  });
});
