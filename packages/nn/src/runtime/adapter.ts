import { readdir } from "node:fs/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { GraphBuilder } from "../graph/builder.ts";
import { encodeModel } from "../onnx/encode.ts";

/**
 * @file Whether WebGPU runs on a graphics processor here, or on a program that plays one.
 *
 * ONNX Runtime takes the adapter that Dawn gives it, and its Node binding tells neither its name nor its kind. Two things can be known:
 * whether the system has a graphics device, and how long a product of matrices takes.
 */

/** Devices under /dev that a graphics driver works with: any vendor's, NVIDIA's own, and that of Windows' Linux. */
const graphicsDevices = /^(renderD\d+|nvidia\d+|dxg)$/;

/** Whether the system has a graphics device. Elsewhere than on Linux this is taken for granted. */
async function hasGraphicsDevice(): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const folders = await Promise.all(["/dev", "/dev/dri"].map((folder) => readdir(folder).catch((): string[] => [])));
  return folders.flat().some((name) => graphicsDevices.test(name));
}

/**
 * How many times as long as one thread of the CPU an adapter may take for a few small products. A software driver takes two hundred
 * times as long (SwiftShader, 128 x 128), a graphics processor as long as a run takes to begin.
 */
const MOST_TIMES = 20;

/**
 * Whether a WebGPU adapter, if there is one, is a graphics processor: the system has a graphics device, and the adapter is not as
 * slow as software. Without a device nothing is started.
 */
export async function isGraphicsProcessor(): Promise<boolean> {
  return (await hasGraphicsDevice()) && (await isFastAdapter());
}

/** Whether the adapter is faster than any software. @throws Error of ONNX Runtime where there is none. */
export async function isFastAdapter(): Promise<boolean> {
  const [adapter, cpu] = [await secondsOfProducts("webgpu"), await secondsOfProducts("cpu")];
  return adapter <= MOST_TIMES * cpu;
}

/** The best of three runs, after one that compiles. */
async function secondsOfProducts(provider: "webgpu" | "cpu"): Promise<number> {
  const size = 128;
  const builder = new GraphBuilder("products");
  const x = builder.input("x", "float32", [size, size]);
  builder.output("y", builder.op.ReduceSum([x, x, x, x].reduce((product, factor) => builder.op.MatMul(product, factor))));
  const session = await InferenceSession.create(encodeModel(builder.build()), {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    const feeds = { x: new Tensor("float32", new Float32Array(size * size).fill(1 / size), [size, size]) };
    await session.run(feeds);
    let best = Infinity;
    for (let run = 0; run < 3; run++) {
      const start = performance.now();
      await session.run(feeds);
      best = Math.min(best, (performance.now() - start) / 1000);
    }
    return best;
  } finally {
    await session.release();
  }
}
