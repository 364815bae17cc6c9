import { Rng } from "@argmin/base";
import { compileModel, layer, optimizer, sequential, type Model } from "@argmin/nn";
import type { Benchmark, Case } from "./benchmark.ts";
import type { Peer } from "./peers.ts";

const batchSizes = [8, 16, 64, 128];
/** One epoch a round: a multiple of every batch size, and a second or so of work on one thread. */
const images = 4096;
const pixels = 28 * 28;
const classes = 2;

/** System B's network at its largest, with dropout and a hidden ReLU (its convolutions have none); `peers/train_mnist_2v7.py` builds the same. */
function network(): Model {
  return sequential({ input: [1, 28, 28] }, [
    layer.conv2d({ filters: 4, kernelSize: 3 }),
    layer.conv2d({ filters: 8, kernelSize: 3 }),
    layer.maxPooling2d(),
    layer.dropout(0.25),
    layer.flatten(),
    layer.dense({ units: 32, activation: "relu" }),
    layer.dropout(0.25),
    layer.dense({ units: classes, activation: "softmax" }),
  ]);
}

/** Training images a second: epochs of Adam on random images, shuffling, dropout masks, loss and accuracy included. */
export function trainBenchmark(threads: number, peer: Peer | undefined): Benchmark {
  const rng = Rng.fromSeed(0);
  const words = new Uint32Array((images * pixels) / 4);
  rng.fillUint32(words);
  const examples = {
    images: new Uint8Array(words.buffer),
    labels: Uint8Array.from({ length: images }, () => rng.integer(classes)),
  };
  const trainers = batchSizes.map((batch) =>
    compileModel(network(), { loss: "categoricalCrossentropy", optimizer: optimizer.adam(), seed: batch, threads }),
  );
  const cases = batchSizes.map((batch, i): Case => ({
    label: `batch ${batch}`,
    ours: async () => {
      const start = performance.now();
      await trainers[i]!.fit(examples, { epochs: 1, batchSize: batch });
      return (images / (performance.now() - start)) * 1000;
    },
    peer: peer && (async () => images / (await peer.secondsFor({ batch, threads, images }))),
  }));
  return {
    title: "Training system B's network",
    unit: "images/s",
    peerName: peer?.name,
    cases,
    close: async () => {
      for (const trainer of trainers) await trainer.dispose();
    },
  };
}
