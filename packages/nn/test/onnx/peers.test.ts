import { messageOf } from "@argmin/base";
import { compileModel, openNetwork, type ActivationName, type Model } from "@argmin/nn";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denseNetwork, everyLayer, randomImages, simpleCnn, wideCnn } from "../webgpu/networks.ts";

/** @file What other programs make of the files that argmin writes. */

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../../../bench/peers/read_exports.py", import.meta.url));
/** The Python that has ONNX's and safetensors' packages. */
const python = process.env["ARGMIN_PYTHON"] ?? "python3";

/** Why they cannot be asked here; undefined if they can. */
const missing: string | undefined = await run(python, [script]).then(
  () => undefined,
  (error: unknown) =>
    `${python} has no onnx or no safetensors (ARGMIN_PYTHON names another): ${messageOf(error).trim().split("\n").at(-1)}`,
);
if (missing !== undefined) process.stderr.write(`Tests with ONNX's checker and safetensors' reader are skipped. ${missing}\n`);

interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What `read_exports.py` prints. */
interface Found {
  readonly onnx: Readonly<
    Record<string, { readonly metadata: Readonly<Record<string, string>>; readonly outputs: Readonly<Record<string, Numbers>> }>
  >;
  readonly safetensors: Readonly<
    Record<
      string,
      { readonly metadata: Readonly<Record<string, string>> | null; readonly tensors: Readonly<Record<string, Numbers>> }
    >
  >;
}

const activations: readonly ActivationName[] = [
  "gelu",
  "hardSigmoid",
  "leakyRelu",
  "selu",
  "softplus",
  "softsign",
  "swish",
  "tanh",
];

const networks: Readonly<Record<string, Model<string>>> = {
  every: everyLayer(),
  simple: simpleCnn(),
  wide: wideCnn(),
  ...Object.fromEntries(activations.map((name) => [`dense-${name}`, denseNetwork(name)])),
};
const count = 6;
const metadata = { epoch: "3", classes: '{"fine":["cat","d\u00f6g"]}' };

/** A network that has learned a little, and what it says. */
interface Exported {
  readonly bytes: Uint8Array;
  readonly input: Float32Array;
  readonly shape: readonly number[];
  readonly predictions: Readonly<Record<string, Float32Array>>;
  readonly weights: ReadonlyMap<string, Float32Array>;
}

let folder = "";
let exported: ReadonlyMap<string, Exported>;
let found: Found | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-peers-"));
  exported = new Map(
    await Promise.all(
      Object.entries(networks).map(async ([name, network]) => [name, await exportInto(folder, name, network)] as const),
    ),
  );
  if (missing !== undefined) return;
  const { stdout } = await run(python, [script, folder], { maxBuffer: 2 ** 26 });
  found = JSON.parse(stdout);
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

async function exportInto(into: string, name: string, network: Model<string>): Promise<Exported> {
  const trainer = compileModel(network, { loss: "categoricalCrossentropy", optimizer: "adam", seed: name });
  const { images, labels } = randomImages(12);
  const length = network.inputShape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length: 12 * length }, (_, i) => images[i % images.length]! / 255);
  const heads = Object.fromEntries(network.outputs.map(({ name: head = "fine" }) => [head, labels.coarse] as const));
  const examples = network.inputShape.length === 1 ? { features: values } : { images: values };
  await trainer.fit({ ...examples, labels: heads }, { epochs: 2, batchSize: 4 });
  const bytes = await trainer.exportOnnx(join(into, `${name}.onnx`), { metadata });
  await trainer.save(join(into, `${name}.safetensors`), { optimizer: true });
  const input = values.slice(0, count * length);
  const shape = [count, ...network.inputShape];
  await writeFile(join(into, `${name}.input.json`), JSON.stringify({ shape, values: [...input] }));
  const predictions = await trainer.predict(network.inputShape.length === 1 ? { features: input } : { images: input });
  const weights = trainer.weights();
  await trainer.dispose();
  return { bytes, input, shape, predictions, weights };
}

function expectClose(actual: ArrayLike<number>, expected: Float32Array, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  const worst = Array.from(expected, (value, i) => Math.abs(value - actual[i]!)).reduce((a, b) => Math.max(a, b), 0);
  expect(worst, what).toBeLessThan(1e-5);
}

describe("exported networks", () => {
  it("run in a session of their own as they do in the engine", async () => {
    for (const [name, { bytes, input, shape, predictions }] of exported) {
      const network = await openNetwork(bytes, name);
      expect(network.model.metadata).toEqual(metadata);
      const outputs = await network.run({ input: { data: input, shape } });
      expect(Object.keys(outputs).toSorted()).toEqual(Object.keys(predictions).toSorted());
      for (const [output, expected] of Object.entries(predictions))
        expectClose(outputs[output]!.data, expected, `${name}, ${output}`);
      await network.dispose();
    }
  });

  it.skipIf(missing !== undefined)("pass ONNX's checker and give the same in its interpreter", () => {
    expect(Object.keys(found!.onnx)).toHaveLength(exported.size);
    for (const [name, { predictions }] of exported) {
      const file = found!.onnx[`${name}.onnx`]!;
      expect(file.metadata).toEqual(metadata);
      expect(Object.keys(file.outputs).toSorted()).toEqual(Object.keys(predictions).toSorted());
      for (const [output, expected] of Object.entries(predictions))
        expectClose(file.outputs[output]!.values, expected, `${name}, ${output}`);
    }
  });

  it.skipIf(missing !== undefined)("have the same weights in safetensors' own reader", () => {
    for (const [name, { weights }] of exported) {
      const { tensors, metadata: said } = found!.safetensors[`${name}.safetensors`]!;
      expect(said).toMatchObject({ format: "argmin" });
      for (const { name: weight, shape } of networks[name]!.weights) {
        expect(tensors[weight]!.shape).toEqual(shape);
        expect(Float32Array.from(tensors[weight]!.values)).toEqual(weights.get(weight));
      }
      expect(Object.keys(tensors).some((key) => key.startsWith("optimizer/"))).toBe(true);
    }
  });
});
