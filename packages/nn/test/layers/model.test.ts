import { ArgminError } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { activationNames, createSession, GraphBuilder, input, layer, model, sequential, type ActivationName } from "@argmin/nn";
import { activate, isMonotone } from "../../src/layers/activations.ts";
import { emitForward } from "../../src/layers/forward.ts";
import { forwardGraph } from "../../src/training/graphs.ts";
import { bucketsOf } from "../../src/training/buckets.ts";

function messageFrom(build: () => unknown): string {
  try {
    build();
  } catch (error) {
    if (error instanceof ArgminError && error.code === "model/invalid") return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("names and shapes", () => {
  it("numbers the layers of a kind as Keras does, and leaves given names alone", () => {
    const { calls, weights, outputs } = sequential({ input: [1, 28, 28] }, [
      layer.conv2d({ filters: 4, kernelSize: 3 }),
      layer.conv2d({ filters: 8, kernelSize: 3 }),
      layer.maxPooling2d(),
      layer.flatten(),
      layer.dense({ units: 16, name: "hidden" }),
      layer.dense({ units: 2, useBias: false }),
    ]);
    expect(calls.map(({ name }) => name)).toEqual(["conv2d", "conv2d_1", "maxPooling2d", "flatten", "hidden", "dense"]);
    expect(weights.map(({ name, shape, offset }) => [name, shape, offset])).toEqual([
      ["conv2d.kernel", [4, 1, 3, 3], 0],
      ["conv2d.bias", [4], 36],
      ["conv2d_1.kernel", [8, 4, 3, 3], 40],
      ["conv2d_1.bias", [8], 328],
      ["hidden.kernel", [1152, 16], 336],
      ["hidden.bias", [16], 18_768],
      ["dense.kernel", [16, 2], 18_784],
    ]);
    expect(outputs).toEqual([{ name: undefined, shape: [2], call: 5 }]);
  });

  it("steps over a name that is taken", () => {
    const { calls } = sequential({ input: [4] }, [layer.dense({ units: 3 }), layer.dense({ units: 3, name: "dense" })]);
    expect(calls.map(({ name }) => name)).toEqual(["dense_1", "dense"]);
  });

  it("joins branches, each layer after those it needs", () => {
    const start = input([6]);
    const left = layer.dense({ units: 3, name: "left" })(start);
    const right = layer.dense({ units: 3, name: "right" })(start);
    const sum = layer.add()(left, right);
    const built = model({ input: start, output: layer.dense({ units: 1 })(layer.concatenate()(sum, left, right)) });
    expect(built.calls.map(({ name }) => name)).toEqual(["left", "right", "add", "concatenate", "dense"]);
    expect(built.calls.map(({ from }) => from)).toEqual([[-1], [-1], [0, 1], [2, 0, 1], [3]]);
    expect(built.weights.at(-2)?.shape).toEqual([9, 1]);
  });

  it("uses the weights of a layer called twice twice", async () => {
    const start = input([3]);
    const shared = layer.dense({ units: 3, kernelInitializer: { kind: "constant", value: 2 } });
    const built = model({ input: start, output: shared(shared(start)) });
    expect(built.weights.map(({ name }) => name)).toEqual(["dense.kernel", "dense.bias"]);
    const session = await createSession(forwardGraph({ model: built, buckets: bucketsOf(built) }, 1, "float32", ["output"]));
    const result = await session.run({
      input: Float32Array.of(1, 0, 0),
      "packed/weights": Float32Array.from({ length: 12 }, (_, i) => (i < 9 ? 2 : 1)),
    });
    // 1 -> 2 + 1 in each unit -> 3 · 3 · 2 + 1.
    expect(result["prediction"]).toEqual(Float32Array.of(19, 19, 19));
    await session.dispose();
  });
});

describe("what cannot be built says which layer", () => {
  const cases: readonly (readonly [what: string, build: () => unknown, message: string])[] = [
    [
      "kernel larger than the image",
      () =>
        sequential({ input: [1, 4, 4] }, [
          layer.conv2d({ filters: 2, kernelSize: 3 }),
          layer.conv2d({ filters: 2, kernelSize: 3 }),
        ]),
      'Layer conv2d_1: a kernel of 3 x 3 does not fit into images of 2 x 2; make it smaller or pad with "same".',
    ],
    [
      "images pooled to nothing",
      () =>
        sequential(
          { input: [3, 8, 8] },
          Array.from({ length: 4 }, () => layer.maxPooling2d()),
        ),
      'Layer maxPooling2d_3: a window of 2 x 2 does not fit into images of 1 x 1; make it smaller or pad with "same".',
    ],
    [
      "pool larger than the image",
      () => sequential({ input: [1, 3, 3] }, [layer.maxPooling2d({ poolSize: 4, name: "pool" })]),
      'Layer pool: a window of 4 x 4 does not fit into images of 3 x 3; make it smaller or pad with "same".',
    ],
    [
      "dense on images",
      () => sequential({ input: [1, 3, 3] }, [layer.dense({ units: 2 })]),
      "Layer dense: wants a list of features, not [1, 3, 3]; put a flatten layer before it.",
    ],
    [
      "convolution of features",
      () => sequential({ input: [9] }, [layer.conv2d({ filters: 2, kernelSize: 3 })]),
      "Layer conv2d: wants images [channel, height, width], not [9].",
    ],
    [
      "groups that do not divide",
      () => sequential({ input: [3, 5, 5] }, [layer.conv2d({ filters: 4, kernelSize: 3, groups: 2 })]),
      "Layer conv2d: 2 groups divide neither evenly: 3 channels, 4 filters; choose a common divisor.",
    ],
    [
      "no filters",
      () => layer.conv2d({ filters: 0, kernelSize: 3 }),
      "The filters of a conv2d layer must be a positive whole number, not 0.",
    ],
    [
      "half a kernel",
      () => layer.conv2d({ filters: 1, kernelSize: [3, 1.5] }),
      "The kernel size of a conv2d layer must be a positive whole number, not 1.5.",
    ],
    ["no units", () => layer.dense({ units: NaN }), "The units of a dense layer must be a positive whole number, not NaN."],
    ["dropping all", () => layer.dropout(1), "The rate of a dropout layer must be at least 0 and below 1, not 1."],
    ["dropping NaN", () => layer.dropout(NaN), "The rate of a dropout layer must be at least 0 and below 1, not NaN."],
    ["bad name", () => layer.flatten({ name: "a.b" }), /cannot be named "a\.b"/.source],
    [
      "two of one name",
      () => sequential({ input: [3] }, [layer.dense({ units: 3, name: "a" }), layer.dense({ units: 3, name: "a" })]),
      "Two layers are named a; give one of them another name.",
    ],
    ["no layers", () => sequential({ input: [3] }, []), "A model needs at least one layer between its input and its output."],
    [
      "empty input",
      () => sequential({ input: [0, 3] }, [layer.flatten()]),
      "A model's input wants positive whole sizes, such as [1, 28, 28], not [0, 3].",
    ],
    ["two inputs for one", () => layer.flatten()(input([2]), input([3])), "Layer flatten: takes one input, not 2."],
    ["one input for two", () => layer.add()(input([2])), "Layer add: takes at least two inputs, not 1."],
    [
      "sum of unequals",
      () => layer.add()(input([2]), input([3])),
      "Layer add: cannot add [3] to [2]; their shapes must be equal.",
    ],
    [
      "joined unequals",
      () => layer.concatenate()(input([2, 4, 4]), input([2, 4, 3])),
      "Layer concatenate: cannot join [2, 4, 3] to [2, 4, 4]; all axes but the first must be equal.",
    ],
    [
      "another input",
      () => model({ input: input([3]), output: layer.flatten()(input([3])) }),
      "The output depends on another input, of [3]; a model has one input, give it as such.",
    ],
    [
      "one layer for two sizes",
      () => {
        const start = input([3]);
        const shared = layer.dense({ units: 2 });
        return model({ input: start, output: shared(shared(start)) });
      },
      "Layer dense is called on inputs of two shapes: its kernel would be [3, 2] and [2, 2]; use two layers.",
    ],
  ];
  for (const [what, build, message] of cases) {
    it(what, () => {
      expect(messageFrom(build)).toMatch(message.includes("\\") ? new RegExp(message) : message);
    });
  }

  it("an activation, an initializer or a padding that does not exist", () => {
    const given: { activation: ActivationName } = JSON.parse('{"activation":"reluu"}');
    expect(messageFrom(() => layer.dense({ units: 1, ...given }))).toContain('no activation "reluu"; choose one of linear, relu');
    expect(messageFrom(() => layer.activation(given.activation))).toContain('no activation "reluu"');
    const initializer: { kernelInitializer: "zeros" } = JSON.parse('{"kernelInitializer":"xavier"}');
    expect(messageFrom(() => layer.dense({ units: 1, ...initializer }))).toContain('no initializer "xavier"');
    const padding: { padding: "same" } = JSON.parse('{"padding":"full"}');
    expect(messageFrom(() => layer.conv2d({ filters: 1, kernelSize: 1, ...padding }))).toContain('no padding "full"');
    expect(messageFrom(() => layer.maxPooling2d(padding))).toContain('no padding "full"');
    const bias = { biasInitializer: { kind: "uniform", low: 1, high: 0 } } as const;
    expect(messageFrom(() => layer.dense({ units: 1, ...bias }))).toContain("cannot draw from uniform");
  });
});

describe("activations", () => {
  it("are the known ones", () => {
    expect(activationNames).toEqual(
      "linear relu tanh sigmoid softmax elu selu gelu silu swish softplus softsign leakyRelu hardSigmoid exponential".split(" "),
    );
  });

  it("go behind a maximum pool without changing what comes out", async () => {
    const pooled = sequential({ input: [2, 6, 6] }, [
      layer.conv2d({ filters: 3, kernelSize: 3, activation: "elu" }),
      layer.maxPooling2d(),
      layer.flatten(),
    ]);
    const builder = new GraphBuilder("pool");
    const x = builder.input("x", "float32", [2, 2, 6, 6]);
    const weights = new Map(pooled.weights.map(({ name, shape }) => [name, builder.input(name, "float32", shape)]));
    const { heads } = emitForward(pooled, { builder, input: x, weight: (name) => weights.get(name)! });
    const convolved = builder.op.Conv(x, weights.get("conv2d.kernel")!, weights.get("conv2d.bias"));
    const straight = builder.op.MaxPool(activate(builder, "elu", convolved), 2);
    builder.output("moved", heads[0]!.preActivation);
    builder.output("straight", straight);
    const graph = builder.build();
    expect(graph.nodes.map(({ name }) => name)).toContain("maxPooling2d/Elu");
    const session = await createSession(graph);
    const fill = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7));
    const result = await session.run({ x: fill(144), "conv2d.kernel": fill(54), "conv2d.bias": fill(3) });
    expect(result["moved"]).toEqual(result["straight"]);
    await session.dispose();
  });

  it("that fall somewhere stay before the pool", () => {
    expect((["gelu", "silu", "swish", "softmax"] as const).some(isMonotone)).toBe(false);
    const { calls } = sequential({ input: [1, 4, 4] }, [layer.activation("gelu"), layer.maxPooling2d()]);
    expect(calls.map(({ plan }) => plan.activation)).toEqual(["gelu", "linear"]);
  });
});
