import { describe, expect, it } from "vitest";
import { InferenceSession } from "onnxruntime-node";
import { optimizer, type AnyModel } from "@argmin/nn";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { portable } from "../../src/graph/rewrites/portable.ts";
import { opTypes } from "../../src/graph/shapes.ts";
import { targets } from "../../src/graph/target.ts";
import { gradientsOf } from "../../src/gradients/gradients-of.ts";
import { encodeModel } from "../../src/onnx/encode.ts";
import { forwardGraph, trainGraph } from "../../src/training/graphs.ts";
import { graphPartsOf } from "../../src/training/parts.ts";
import type { OpCase } from "../check-op.ts";
import { opCases } from "../gradients/cases.ts";
import { wantsAdapter } from "./adapter.ts";
import { everyLayer, simpleCnn, wideCnn } from "./networks.ts";

wantsAdapter();

/** Whether all nodes run on the device: ONNX Runtime is told to refuse the model otherwise. */
async function staysOnDevice(graph: Graph): Promise<boolean> {
  try {
    const session = await InferenceSession.create(encodeModel(portable(graph)), {
      executionProviders: ["webgpu"],
      logSeverityLevel: 4,
      extra: { session: { disable_cpu_ep_fallback: "1", disable_quant_qdq: "1" } },
    });
    await session.release();
    return true;
  } catch (error) {
    if (String(error).includes("fallback to CPU EP has been explicitly disabled")) return false;
    throw error;
  }
}

/** The operator and its gradients. */
function graphOf({ name, inputs, apply }: OpCase): Graph {
  const builder = new GraphBuilder(name, targets.gpu);
  const values = inputs.map(({ dtype, shape }, i) => builder.input(`x${i}`, dtype, shape));
  const result = apply(builder.op, values, builder);
  const outputs = "name" in result ? [result] : result;
  outputs.forEach((output, i) => builder.output(`y${i}`, output));
  const floats = outputs
    .filter(({ dtype }) => dtype === "float32")
    .map((output) => builder.op.ReduceSum(builder.op.Mul(output, output)));
  const sources = values.filter(({ dtype }) => dtype === "float32");
  if (floats.length > 0 && sources.length > 0) {
    const loss = floats.reduce((a, b) => builder.op.Add(a, b));
    gradientsOf(builder, loss, sources).forEach((gradient, i) => builder.output(`d${i}`, gradient));
  }
  return builder.build();
}

describe("on WebGPU", () => {
  it.each([
    ["every kind of layer", everyLayer()],
    ["system C's network", simpleCnn()],
    ["a network of wide convolutions", wideCnn()],
  ])("no node of %s runs on the CPU, in either form", async (_, model: AnyModel) => {
    const parts = graphPartsOf(model, {
      loss: "categoricalCrossentropy",
      optimizer: optimizer.nadam(),
      gradientClipping: { kind: "norm", limit: 1 },
      weightAverage: { decay: 0.9 },
    });
    const ends = parts.outputs.map(() => "output" as const);
    for (const forms of ["plain", "lowered"] as const) {
      const target = { ...targets.gpu, forms };
      expect(await staysOnDevice(trainGraph(parts, 2, "uint8", target)), forms).toBe(true);
      expect(await staysOnDevice(forwardGraph(parts, 2, "uint8", ends, target)), forms).toBe(true);
    }
  });

  it("these operators run on the CPU, and no layer, loss or optimizer is made of them", async () => {
    const elsewhere: string[] = [];
    for (const op of opTypes) {
      for (const one of opCases[op]) if (!(await staysOnDevice(graphOf(one)))) elsewhere.push(`${op}, ${one.name}`);
    }
    expect(elsewhere).toEqual([
      // Integers of 64 bits are what shaders lack.
      "Cast, integers to floats",
      // The gradient of a Gather is a product by a OneHot.
      "Gather, rows, some twice",
      "Gather, a middle axis",
      "Gather, by short integers",
      "Gather, one element",
      "OneHot, a vector",
      "OneHot, a matrix",
      "MaxUnpool, back from a pool",
    ]);
  });
});
