/**
 * @file argmin's side of the training races, in a process of its own, so that its peak memory is its own too. It speaks the
 * protocol of `bench/peers/protocol.py`: {"task", "threads", "device", "batch", "steps"} -> {"seconds", "peakBytes"}.
 */
import { createInterface } from "node:readline";
import { Rng, isJsonObject, parseJson, type JsonValue } from "@argmin/base";
import { compileModel, devices, type Device, type Examples, type Trainer } from "@argmin/nn";
import { trainingTasks, type TaskOutput, type TrainingTask } from "./networks.ts";

const pixels = 3 * 32 * 32;

function taskOf(name: JsonValue | undefined): TrainingTask {
  const known = Object.entries<TrainingTask>(trainingTasks).find(([key]) => key === name);
  if (known !== undefined) return known[1];
  throw new Error(`There is no task ${JSON.stringify(name)}.`);
}

function deviceOf(name: JsonValue | undefined): Device {
  const device = devices.find((known) => known === name);
  if (device === undefined) throw new Error(`There is no device ${JSON.stringify(name)}.`);
  return device;
}

function randomExamples({ outputs }: TrainingTask, count: number): Examples<string> {
  const rng = Rng.fromSeed(0);
  const words = new Uint32Array((count * pixels) / 4);
  rng.fillUint32(words);
  const labels = outputs.map(({ classes }) => Uint8Array.from({ length: count }, () => rng.integer(classes)));
  return { images: new Uint8Array(words.buffer), labels: byOutput(outputs, labels) };
}

function byOutput<T>(outputs: readonly TaskOutput[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(outputs.map(({ name }, i) => [name, values[i]!]));
}

let trainer: Trainer<string> | undefined;
let examples: Examples<string> | undefined;
process.stdout.write(`${JSON.stringify({ name: "argmin", version: process.version })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const request = parseJson(line, "The request");
  if (!isJsonObject(request)) throw new Error(`The request is ${line}; an object was expected.`);
  const task = taskOf(request["task"]);
  const batch = Number(request["batch"]);
  examples ??= randomExamples(task, batch * Number(request["steps"]));
  trainer ??= compileModel(task.build(), {
    loss: byOutput(
      task.outputs,
      task.outputs.map(({ weight }) => ({ kind: "categoricalCrossentropy", weight })),
    ),
    optimizer: task.optimizer,
    threads: Number(request["threads"]),
    device: deviceOf(request["device"]),
  });
  const start = performance.now();
  const { epochs } = await trainer.fit(examples, {
    epochs: trainer.epoch + 1,
    initialEpoch: trainer.epoch,
    batchSize: batch,
  });
  const seconds = (performance.now() - start) / 1000;
  const loss = epochs.at(-1)?.metrics.loss;
  process.stdout.write(`${JSON.stringify({ seconds, loss, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
}
await trainer?.dispose();
