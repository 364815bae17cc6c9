import { messageOf, Rng } from "@argmin/base";
import { compileModel, createSession, GraphBuilder, optimizer, type Device } from "@argmin/nn";
import { beforeEach, expect, it } from "vitest";
import { fineAndCoarseNetwork } from "../../../src/experiments/vooban-cifar100/network.ts";
import { points } from "../../../src/experiments/vooban-cifar100/space.ts";

/** Why WebGPU cannot be tested here; undefined if it can. */
async function reasonToSkip(): Promise<string | undefined> {
  const builder = new GraphBuilder("trial");
  builder.output("y", builder.op.Neg(builder.input("x", "float32", [1])));
  try {
    await (await createSession(builder.build(), { device: "webgpu" })).dispose();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

const missing = await reasonToSkip();
if (missing !== undefined) process.stderr.write(`Tests of WebGPU are skipped. ${missing}\n`);
beforeEach((context) => context.skip(missing !== undefined, missing));

const count = 4;
const rng = Rng.fromSeed("vooban on webgpu");
const examples = {
  images: Uint8Array.from({ length: count * 3 * 32 * 32 }, () => rng.integer(256)),
  labels: { fine: Uint8Array.of(0, 1, 2, 3), coarse: Uint8Array.of(0, 1, 0, 1) },
};

/** The best network in small: one block a stage, a tenth of its filters. */
const network = fineAndCoarseNetwork(
  {
    ...points.published,
    conv_hiddn_units_mult: 0.1,
    nb_conv_pool_layers: 2,
    residual: 1,
    first_conv: null,
    fc_units_1_mult: 0.01,
  },
  { classes: 5, coarseClasses: 2, heads: "softmax" },
);

async function trained(device: Device) {
  const trainer = compileModel(network, {
    loss: { fine: "categoricalCrossentropy", coarse: { kind: "categoricalCrossentropy", weight: 0.3067 } },
    // With the usual 1e-7 steps are as long for gradients of rounding errors alone, as biases before a normalization have them.
    optimizer: optimizer.nadam({ learningRate: 0.0006549, epsilon: 1e-2 }),
    device,
    forms: "plain",
  });
  try {
    const { epochs } = await trainer.fit(examples, { epochs: 1, batchSize: 2 });
    return { losses: Object.values(epochs[0]!.metrics), weights: trainer.weights() };
  } finally {
    await trainer.dispose();
  }
}

it("trains on WebGPU as on the CPU", async () => {
  const [onCpu, onWebGpu] = [await trained("cpu"), await trained("webgpu")];
  onCpu.losses.forEach((loss, i) => expect(onWebGpu.losses[i]).toBeCloseTo(loss, 4));
  for (const [name, weights] of onCpu.weights) {
    const worst = onWebGpu.weights.get(name)!.reduce((most, weight, i) => Math.max(most, Math.abs(weight - weights[i]!)), 0);
    expect(worst, name).toBeLessThan(1e-3);
  }
}, 180_000);
