import { isArgminError } from "@argmin/base";
import { measure, type Benchmark, type Measurement } from "./benchmark.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { helpText, parseOptions, type BenchmarkName, type BenchOptions } from "./options.ts";
import { preparePython, startPeer, type Peer } from "./peers.ts";
import { searchBenchmark } from "./search/search.ts";
import { storageBenchmark } from "./storage.ts";
import { suggestGpBenchmark, suggestRandomBenchmark, suggestTpeBenchmark } from "./suggest.ts";
import { formatNumber, formatTable } from "./table.ts";
import { trainBenchmark } from "./train.ts";
import { memoryWatch, type MemorySample, type MemoryWatch } from "./training/memory.ts";
import type { TrainingTaskName } from "./training/networks.ts";
import { runRace, startRace, type Race, type RaceResult } from "./training/race.ts";

interface Peers {
  readonly python: string;
  readonly torch: Peer;
  readonly optuna: Peer;
}

type Opener = (options: BenchOptions, peers: Peers | undefined) => Promise<Benchmark | Race | MemoryWatch>;

/** Opened when its turn comes, so that none measures beside what another keeps. */
const benchmarks: Readonly<Record<BenchmarkName, Opener>> = {
  "train-mnist-2v7": async ({ threads }, peers) => trainBenchmark(threads, peers?.torch),
  "train-simplecnn": race("train-simplecnn"),
  "train-vooban-best": race("train-vooban-best"),
  "train-vooban-demo": race("train-vooban-demo"),
  memory: async ({ threads }) => memoryWatch(threads),
  storage: (_, peers) => storageBenchmark(peers?.optuna),
  "suggest-random": (_, peers) => suggestRandomBenchmark(peers?.optuna),
  "suggest-tpe": (_, peers) => suggestTpeBenchmark(peers?.python),
  "suggest-gp": (_, peers) => suggestGpBenchmark(peers?.python),
};

function race(task: TrainingTaskName): Opener {
  return ({ threads, race }, peers) => startRace(task, threads, race, peers?.python);
}

interface Results {
  readonly machine: Machine;
  readonly peers: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly threads: number;
  readonly benchmarks: readonly AnyResult[];
}

type AnyResult = BenchmarkResult | TitledRace | TitledSamples;
type TitledRace = RaceResult & { readonly title: string };

interface TitledSamples {
  readonly title: string;
  readonly samples: readonly MemorySample[];
}

interface BenchmarkResult {
  readonly title: string;
  readonly unit: Benchmark["unit"];
  readonly peer: string | undefined;
  readonly measurements: readonly Measurement[];
}

async function run(options: BenchOptions): Promise<Results> {
  const say = (text: string): boolean => (options.json ? process.stderr : process.stdout).write(text);
  const machine = await describeMachine();
  const peers = options.peers ? await startPeers(options) : undefined;
  const systems = peers === undefined ? [] : [peers.torch, peers.optuna];
  const versions = Object.fromEntries(systems.map(({ name, version }) => [name, version]));
  say(describeRun(machine, versions, options));
  try {
    const results: AnyResult[] = [];
    for (const name of options.only) {
      const benchmark = await benchmarks[name](options, peers);
      const result = await runBenchmark(benchmark, options.rounds);
      results.push(result);
      say(`\n${describe(result)}`);
    }
    return { machine, peers: versions, rounds: options.rounds, threads: options.threads, benchmarks: results };
  } finally {
    await Promise.all(systems.map((peer) => peer.close()));
  }
}

async function startPeers({ python }: BenchOptions): Promise<Peers> {
  const interpreter = python ?? (await preparePython());
  const torch = await startPeer(interpreter, "train_mnist_2v7.py");
  try {
    return { python: interpreter, torch, optuna: await startPeer(interpreter, "optuna_trials.py") };
  } catch (error) {
    await torch.close();
    throw error;
  }
}

async function runBenchmark(benchmark: Benchmark | Race | MemoryWatch, rounds: number): Promise<AnyResult> {
  try {
    if ("sides" in benchmark) return { title: benchmark.title, ...(await runRace(benchmark, rounds)) };
    if ("watch" in benchmark) return { title: benchmark.title, samples: await benchmark.watch() };
    const { title, unit, peerName, cases } = benchmark;
    const measurements: Measurement[] = [];
    for (const one of cases) measurements.push(await measure(unit, one, rounds));
    return { title, unit, peer: peerName, measurements };
  } finally {
    await benchmark.close();
  }
}

function describeRun(machine: Machine, peers: Readonly<Record<string, string>>, { rounds, threads }: BenchOptions): string {
  const { processor, cores, memoryGiB, system, node, commit } = machine;
  const rows = [
    ["machine", `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}`],
    ["versions", [`Node ${node}`, ...Object.entries(peers).map(([name, version]) => `${name} ${version}`)].join(", ")],
    ["commit", commit],
    ["threads", `${threads} for training, 1 for everything else`],
    ["rounds", `medians of ${rounds}, both sides in turns, after one that does not count`],
  ];
  return rows.map(([name = "", text = ""]) => `${name.padEnd(10)}${text}\n`).join("");
}

function describe(result: AnyResult): string {
  if ("sides" in result) return describeRace(result);
  return "samples" in result ? describeSamples(result) : describeResult(result);
}

function describeSamples({ title, samples }: TitledSamples): string {
  const rows = samples.map(({ label, heldMiB }) => [label, formatNumber(heldMiB)]);
  return `${title}\n${formatTable(["", "MiB"], rows)}`;
}

function describeRace({ title, sides, timesAsFast, timesTheMemory }: TitledRace): string {
  const rows = sides.map(({ name, imagesPerSecond, peakMiB }) => [name, formatNumber(imagesPerSecond), formatNumber(peakMiB)]);
  const ratios =
    timesAsFast === undefined || timesTheMemory === undefined
      ? ""
      : `argmin is ${formatNumber(timesAsFast)} times as fast as the faster float32, with ${formatNumber(timesTheMemory)} times the memory of the smaller.\n`;
  return `${title}\n${formatTable(["", "images/s", "peak MiB"], rows)}${ratios}`;
}

function describeResult({ title, unit, peer, measurements }: BenchmarkResult): string {
  const header = ["", `argmin ${unit}`, ...(peer === undefined ? [] : [`${peer} ${unit}`, "times as fast"])];
  const rows = measurements.map(({ label, ours, peer, timesAsFast }) => [
    label,
    formatNumber(ours),
    ...(peer === undefined || timesAsFast === undefined ? [] : [formatNumber(peer), formatNumber(timesAsFast)]),
  ]);
  return `${title}\n${formatTable(header, rows)}`;
}

async function runAll(options: BenchOptions): Promise<void> {
  if (options.help) {
    process.stdout.write(helpText);
    return;
  }
  const results = await run(options);
  if (options.json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
}

try {
  const words = process.argv.slice(2);
  if (words[0] === "search") await searchBenchmark(words.slice(1));
  else await runAll(parseOptions(words));
} catch (error) {
  if (!isArgminError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.code === "usage/invalid" ? 2 : 1;
}
