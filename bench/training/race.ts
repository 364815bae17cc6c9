import { trainingEnvironment, type Device, type Environment } from "@argmin/nn";
import { median } from "../benchmark.ts";
import { startProcess, type Answer, type Peer } from "../peers.ts";
import { trainingTasks, type TrainingTask, type TrainingTaskName } from "./networks.ts";

/** Several sides of the same training in turns, each in a process of its own. */
export interface Race {
  readonly title: string;
  readonly sides: readonly Side[];
  /** Images a round. */
  readonly images: number;
  readonly close: () => Promise<void>;
}

/** Where a race runs, and in what sizes where not in the task's. */
export interface RaceSettings {
  /** argmin's. */
  readonly device: Device;
  /** PyTorch's name for the device of its side. */
  readonly peerDevice: string;
  readonly batch: number | undefined;
  readonly steps: number | undefined;
}

interface Side {
  readonly name: string;
  /** Whether argmin is measured by it: reduced precision is reported beside. */
  readonly isRival: boolean;
  readonly round: () => Promise<Answer>;
}

/** What a race measured of one side. */
export interface SideResult {
  readonly name: string;
  /** Median over the rounds. */
  readonly imagesPerSecond: number;
  /** The most memory the process ever held. */
  readonly peakMiB: number;
  readonly isRival: boolean;
}

export interface RaceResult {
  readonly sides: readonly SideResult[];
  /** argmin's images a second beside the fastest rival's. */
  readonly timesAsFast?: number;
  /** argmin's peak memory beside the smallest rival's. */
  readonly timesTheMemory?: number;
}

/** The ways to run PyTorch. Of those in float32 the better counts. */
const peerVariants = [
  { name: "float32, channels first", layout: "channels first", autocast: false },
  { name: "float32, channels last", layout: "channels last", autocast: false },
  { name: "bfloat16 autocast, channels last", layout: "channels last", autocast: true },
] as const;

/** Starts the sides of one training task. Without `python` argmin runs alone. */
export async function startRace(
  taskName: TrainingTaskName,
  threads: number,
  { device, peerDevice, ...sizes }: RaceSettings,
  python: string | undefined,
): Promise<Race> {
  const task = trainingTasks[taskName];
  const { batch = task.batch, steps = task.steps } = sizes;
  const started: Peer[] = [];
  const start = async (command: string, words: readonly string[], environment: Environment = process.env): Promise<Peer> => {
    const side = await startProcess(command, words, environment);
    started.push(side);
    return side;
  };
  const close = async (): Promise<void> => {
    await Promise.all(started.map((side) => side.close()));
  };
  try {
    const script = `${import.meta.dirname}/train-process.ts`;
    const words = ["--conditions", "@argmin/source", "--import", "tsx", script];
    const ours = await start(process.execPath, words, trainingEnvironment(process.env));
    const sides: Side[] = [
      { name: "argmin", isRival: false, round: () => ours.ask({ task: taskName, threads, device, batch, steps }) },
    ];
    for (const { name, layout, autocast } of python === undefined ? [] : peerVariants) {
      const peer = await start(python!, [`${import.meta.dirname}/../peers/train_cifar100.py`]);
      const request = { task: task.peer, batch, steps, threads, layout, autocast, device: peerDevice };
      sides.push({ name: `${peer.name} ${name}`, isRival: !autocast, round: () => peer.ask(request) });
    }
    const places = [`argmin on ${device}`, ...(python === undefined ? [] : [`PyTorch on ${peerDevice}`])];
    const where = device === "cpu" && peerDevice === "cpu" ? "" : ` (${places.join(", ")})`;
    return { title: `${titleOf(task, batch)}${where}`, sides, images: batch * steps, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The task's title, with the batch that it is run in. */
function titleOf({ title, batch: published }: TrainingTask, batch: number): string {
  return title.replace(`batch ${published}`, `batch ${batch}`);
}

/** Runs all sides in turns: one round each that does not count, then `rounds` that do. */
export async function runRace({ sides, images }: Race, rounds: number): Promise<RaceResult> {
  const runs = sides.map((side) => ({ side, rates: [] as number[], peakBytes: 0 }));
  for (let round = 0; round <= rounds; round++) {
    for (const run of runs) {
      const { seconds, peakBytes } = await run.side.round();
      if (round > 0) run.rates.push(images / seconds);
      run.peakBytes = peakBytes ?? 0;
    }
  }
  const results = runs.map(({ side: { name, isRival }, rates, peakBytes }) => ({
    name,
    imagesPerSecond: median(rates),
    peakMiB: peakBytes / 2 ** 20,
    isRival,
  }));
  const [ours, ...others] = results;
  const rivals = others.filter(({ isRival }) => isRival);
  if (ours === undefined || rivals.length === 0) return { sides: results };
  return {
    sides: results,
    timesAsFast: ours.imagesPerSecond / Math.max(...rivals.map(({ imagesPerSecond }) => imagesPerSecond)),
    timesTheMemory: ours.peakMiB / Math.min(...rivals.map(({ peakMiB }) => peakMiB)),
  };
}
