import { Rng } from "@argmin/base";
import { compileModel, layer, sequential, type Examples, type Model, type Trainer } from "@argmin/nn";

/** What the process holds as it trains on: whether memory stays flat. */
export interface MemoryWatch {
  readonly title: string;
  readonly watch: () => Promise<readonly MemorySample[]>;
  readonly close: () => Promise<void>;
}

export interface MemorySample {
  readonly label: string;
  readonly heldMiB: number;
}

const batch = 8;
const classes = 100;
const stepCounts = [100, 400, 700, 1000];
const trialCounts = [10, 40, 70, 100];
const stepsOfTrial = 2;

/** Watches 1,000 steps of one trainer, and 100 trials: compile, train, dispose. */
export function memoryWatch(threads: number): MemoryWatch {
  return {
    title: "Memory of the process that trains",
    watch: async () => [...(await watchSteps(threads)), ...(await watchTrials(threads))],
    close: async () => undefined,
  };
}

async function watchSteps(threads: number): Promise<readonly MemorySample[]> {
  const trainer = compile(threads);
  const samples: MemorySample[] = [];
  let done = 0;
  for (const count of stepCounts) {
    await train(trainer, count - done);
    done = count;
    samples.push(sample(`after ${count} steps`));
  }
  await trainer.dispose();
  return samples;
}

async function watchTrials(threads: number): Promise<readonly MemorySample[]> {
  const samples: MemorySample[] = [];
  for (let trial = 1; trial <= trialCounts.at(-1)!; trial++) {
    const trainer = compile(threads);
    await train(trainer, stepsOfTrial);
    await trainer.dispose();
    if (trialCounts.includes(trial)) samples.push(sample(`after ${trial} trials`));
  }
  return samples;
}

/** Small, so that a thousand steps and a hundred trials take a minute; what leaks with each leaks with small ones too. */
function network(): Model {
  const stage = (filters: number) => [
    layer.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu" }),
    layer.batchNormalization(),
    layer.maxPooling2d(),
    layer.dropout(0.2),
  ];
  return sequential({ input: [3, 32, 32] }, [
    ...[16, 32, 32].flatMap(stage),
    layer.flatten(),
    layer.dense({ units: classes, activation: "softmax" }),
  ]);
}

function compile(threads: number): Trainer {
  return compileModel(network(), { loss: "categoricalCrossentropy", optimizer: "nadam", threads });
}

async function train(trainer: Trainer, steps: number): Promise<void> {
  await trainer.fit(randomExamples(steps * batch), {
    epochs: trainer.epoch + 1,
    initialEpoch: trainer.epoch,
    batchSize: batch,
  });
}

function randomExamples(count: number): Examples {
  const rng = Rng.fromSeed(0);
  const words = new Uint32Array((count * 3 * 32 * 32) / 4);
  rng.fillUint32(words);
  return {
    images: new Uint8Array(words.buffer),
    labels: Uint8Array.from({ length: count }, () => rng.integer(classes)),
  };
}

function sample(label: string): MemorySample {
  return { label, heldMiB: process.memoryUsage().rss / 2 ** 20 };
}
