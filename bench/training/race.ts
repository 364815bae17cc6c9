import { median } from "../benchmark.ts";
import { startProcess, type Answer, type Peer } from "../peers.ts";
import { trainingTasks, type TrainingTaskName } from "./networks.ts";

/** Several sides of the same training in turns, each in a process of its own. */
export interface Race {
  readonly title: string;
  readonly sides: readonly Side[];
  /** Images a round. */
  readonly images: number;
  readonly close: () => Promise<void>;
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
export async function startRace(taskName: TrainingTaskName, threads: number, python: string | undefined): Promise<Race> {
  const task = trainingTasks[taskName];
  const started: Peer[] = [];
  const start = async (command: string, words: readonly string[]): Promise<Peer> => {
    const side = await startProcess(command, words);
    started.push(side);
    return side;
  };
  const close = async (): Promise<void> => {
    await Promise.all(started.map((side) => side.close()));
  };
  try {
    const script = `${import.meta.dirname}/train-process.ts`;
    const ours = await start(process.execPath, ["--conditions", "@argmin/source", "--import", "tsx", script]);
    const sides: Side[] = [{ name: "argmin", isRival: false, round: () => ours.ask({ task: taskName, threads }) }];
    for (const { name, layout, autocast } of python === undefined ? [] : peerVariants) {
      const peer = await start(python!, [`${import.meta.dirname}/../peers/train_cifar100.py`]);
      const { batch, steps } = task;
      const request = { task: task.peer, batch, steps, threads, layout, autocast };
      sides.push({ name: `${peer.name} ${name}`, isRival: !autocast, round: () => peer.ask(request) });
    }
    return { title: task.title, sides, images: task.batch * task.steps, close };
  } catch (error) {
    await close();
    throw error;
  }
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
