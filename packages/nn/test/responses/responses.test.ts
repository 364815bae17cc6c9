import { Rng } from "@argmin/base";
import { afterEach, describe, expect, it } from "vitest";
import { compileResponses, input, layer, model, trainedNetwork, type Model, type Responses } from "@argmin/nn";
import { targets } from "../../src/graph/target.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { responseGraph } from "../../src/responses/graph.ts";
import { expectClose } from "../fixtures.ts";

const opened: Responses[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.dispose();
});

/** A little of everything that images go through, and two heads. */
function residualNetwork(): Model<"fine" | "coarse"> {
  const pixels = input([3, 8, 8]);
  const centred = layer.rescaling({ offset: -0.5, name: "centre" })(pixels);
  const first = layer.conv2d({ name: "first", filters: 4, kernelSize: 3, padding: "same", activation: "elu" })(centred);
  const normal = layer.batchNormalization({ name: "normal" })(first);
  const pooled = layer.maxPooling2d({ name: "halve" })(layer.activation("relu", { name: "gate" })(normal));
  const shortcut = layer.conv2d({ name: "shortcut", filters: 5, kernelSize: 1 })(pooled);
  const dropped = layer.dropout(0.5, { name: "drop" })(pooled);
  const branch = layer.conv2d({ name: "branch", filters: 5, kernelSize: 2, padding: "same", activation: "tanh" })(dropped);
  const sum = layer.add({ name: "sum" })(shortcut, branch);
  const flat = layer.flatten({ name: "flat" })(layer.averagePooling2d({ name: "mean" })(sum));
  const head = (name: string, units: number) => layer.dense({ name, units, activation: "softmax" })(flat);
  return model({ name: "small", input: pixels, output: { fine: head("fine", 6), coarse: head("coarse", 2) } });
}

/** Weights that are none of the first ones; variances are above 0. */
function someWeights(network: Pick<Model, "weights">): ReadonlyMap<string, Float32Array> {
  const rng = Rng.fromSeed("weights");
  return new Map(
    network.weights.map(({ name, size }) => {
      const low = name.endsWith("Variance") ? 0.3 : -0.7;
      return [name, Float32Array.from({ length: size }, () => rng.uniform(low, 0.8))];
    }),
  );
}

const residual = residualNetwork();
const weights = someWeights(residual);
const network = trainedNetwork(residual, weights);
const batch = 3;

/** Random images and a random weighing of the channels, for a layer of so many. */
function feedsFor(channels: number): { readonly input: Float32Array; readonly selection: Float32Array } {
  const rng = Rng.fromSeed("images");
  return {
    input: Float32Array.from({ length: batch * 3 * 8 * 8 }, () => rng.uniform(0, 1)),
    selection: Float32Array.from({ length: batch * channels }, () => rng.uniform(-1, 1)),
  };
}

const layers = [
  ["first", 4, 0.1],
  ["gate", 4, 1],
  ["halve", 4, 1],
  ["branch", 5, 1],
  ["sum", 5, 0.1],
  ["fine", 6, 1],
] as const;

describe("the gradient of a layer's responses to its inputs", () => {
  for (const [name, channels, negativeShare] of layers) {
    it(`is the slope of the responses: ${name}`, () => {
      const graph = responseGraph(network, { layer: name, batch, negativeShare }, targets.cpu);
      const feeds = { ...Object.fromEntries(weights), ...feedsFor(channels) };
      const { gradient } = interpret(graph, feeds);
      const forward = { ...graph, outputs: graph.outputs.filter((output) => output.name === "response") };
      const rng = Rng.fromSeed("directions");
      for (let attempt = 0; attempt < 3; attempt++) {
        const direction = Float64Array.from(feeds.input, () => rng.uniform(-1, 1));
        const at = (step: number): Float64Array =>
          interpret(forward, { ...feeds, input: Float64Array.from(feeds.input, (x, i) => x + step * direction[i]!) })[
            "response"
          ]!;
        const [above, below] = [at(1e-6), at(-1e-6)];
        const size = direction.length / batch;
        // Each image has its own: none changes what another image says.
        const slopes = Array.from({ length: batch }, (_, image) => {
          const range = [image * size, (image + 1) * size] as const;
          return direction.subarray(...range).reduce((sum, step, i) => sum + step * gradient![range[0] + i]!, 0);
        });
        slopes.forEach((slope, image) => expect(slope).toBeCloseTo((above[image]! - below[image]!) / 2e-6, 6));
      }
    });

    it(`comes out of ONNX Runtime and of the plain operators the same: ${name}`, async () => {
      const feeds = feedsFor(channels);
      const plain = responseGraph(network, { layer: name, batch, negativeShare }, targets.gpu);
      const wanted = interpret(plain, { ...Object.fromEntries(weights), ...feeds });
      const responses = await compileResponses(network, { layer: name, batch, negativeShare });
      opened.push(responses);
      expect([responses.layer, responses.channels, responses.batch]).toEqual([name, channels, batch]);
      responses.input.set(feeds.input);
      responses.selection.set(feeds.selection);
      await responses.run();
      expectClose(responses.response, wanted["response"]!, "responses", 1e-5);
      expectClose(responses.gradient, wanted["gradient"]!, "gradient", 1e-5);
    });
  }

  it("is that of the mean of one channel where one is picked", async () => {
    const responses = await compileResponses(network, { layer: "first", batch: 1 });
    opened.push(responses);
    responses.input.set(feedsFor(4).input.subarray(0, responses.input.length));
    const all: number[] = [];
    for (let channel = 0; channel < 4; channel++) {
      responses.selection.fill(0).fill(1, channel, channel + 1);
      await responses.run();
      all.push(responses.response[0]!);
    }
    responses.selection.fill(0.25);
    await responses.run();
    expect(responses.response[0]).toBeCloseTo(
      all.reduce((sum, one) => sum + one / 4, 0),
      6,
    );
    expect(new Set(all).size).toBe(4);
  });
});

describe("what channels say below 0", () => {
  it("counts as much as is asked, in the responses and in their gradient", async () => {
    const answers: { readonly response: Float32Array; readonly gradient: Float32Array }[] = [];
    for (const negativeShare of [0, 0.25, 1]) {
      const responses = await compileResponses(network, { layer: "sum", batch, negativeShare });
      opened.push(responses);
      responses.input.set(feedsFor(5).input);
      responses.selection.fill(1);
      await responses.run();
      answers.push(responses);
    }
    const [none, some, all] = answers;
    // A quarter of the way from nothing to all of it.
    const between = (from: Float32Array, to: Float32Array): Float32Array => from.map((value, i) => value + (to[i]! - value) / 4);
    expectClose(some!.response, between(none!.response, all!.response), "responses", 1e-5);
    expectClose(some!.gradient, between(none!.gradient, all!.gradient), "gradient", 1e-5);
    none!.response.forEach((response, row) => expect(response).toBeGreaterThan(all!.response[row]!));
  });
});

describe("compileResponses", () => {
  it("makes the batch as small as the memory wants", async () => {
    const responses = await compileResponses(network, { layer: "sum", batch: 32, memoryBytes: 40_000 });
    opened.push(responses);
    expect(responses.batch).toBeGreaterThan(0);
    expect(responses.batch).toBeLessThan(16);
    const least = await compileResponses(network, { layer: "sum", batch: 32, memoryBytes: 1 });
    opened.push(least);
    expect(least.batch).toBe(1);
  });

  it("names the layers there are, and refuses a batch of nothing and shares out of range", async () => {
    await expect(compileResponses(network, { layer: "last", batch: 1 })).rejects.toThrow(
      "small has no layer last; it has centre, first, normal, gate, halve, shortcut, drop, branch, sum, mean, flat, fine, coarse.",
    );
    await expect(compileResponses(network, { layer: "sum", batch: 0 })).rejects.toThrow(/positive whole number, not 0/);
    await expect(compileResponses(network, { layer: "sum", batch: 1, negativeShare: -1 })).rejects.toThrow(/from 0 to 1, not -1/);
  });
});

describe("a trained network", () => {
  it("knows its layers, what leads to them costs, and where their channels speak", () => {
    const by = new Map(network.layers.map((one) => [one.name, one]));
    expect(network.layers.filter(({ isConvolution }) => isConvolution).map(({ name }) => name)).toEqual([
      "first",
      "shortcut",
      "branch",
    ]);
    expect(by.get("halve")!.shape).toEqual([4, 4, 4]);
    // An activation of its own; none, before normalization and an activation; none, before a sum that has none either.
    expect(["first", "normal", "shortcut"].map((name) => by.get(name)!.speaksBehind)).toEqual(["first", "gate", "sum"]);
    const [first, branch, sum] = ["first", "branch", "sum"].map((name) => by.get(name)!.multiplyAdds);
    expect(branch! - first!).toBe(4 * 64 + 16 * 4 * 5 * 4);
    expect(sum! - branch!).toBe(16 * 4 * 5);
  });

  it("wants all of its model's weights", () => {
    const few = new Map([...weights].filter(([name]) => name.startsWith("first.")));
    expect(() => trainedNetwork(residual, few)).toThrow(/weight normal\.gamma wants 4 numbers \(\[4\]\), not none/);
  });
});
