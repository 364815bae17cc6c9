import { createStudy, hp, type DefinitionSettings, type SpaceDefinition, type Study } from "@argmin/search";
import { space as vooban } from "../packages/argmin/src/experiments/vooban-cifar100/space.ts";
import type { Benchmark, Case } from "./benchmark.ts";
import { startPeer, type Peer } from "./peers.ts";
import { space as threeParameters } from "./three-parameters.ts";

/** Suggestions a round; each is told as failed before the next is asked for, so that the history stays about what it was. */
const asks = 50;

/** Milliseconds from asking a study in memory to having the next trial's parameters, at random, beside Optuna. */
export async function suggestRandomBenchmark(peer: Peer | undefined): Promise<Benchmark> {
  const studies = new Studies();
  const cases: Case[] = [];
  for (const history of [100, 1000, 10_000]) {
    const study = await studies.open(history, threeParameters, "random");
    cases.push({
      label: `after ${history.toLocaleString("en-US")} trials`,
      ours: () => millisecondsPerAsk(study, () => performance.now()),
      peer: peer && (async () => ((await peer.secondsFor({ task: "ask", history, asks })) / asks) * 1000),
    });
  }
  const close = (): Promise<void> => studies.close();
  return { title: "One suggestion at random", unit: "ms/suggestion", peerName: peer?.name, cases, close };
}

/** What TPEs are asked for, with the name under which `peers/search_functions.py` has it too. */
const spaces = [
  { name: "floats", title: "10 floats", space: Array.from({ length: 10 }, () => hp.uniform(0, 1)) },
  { name: "vooban", title: "the 22 parameters of vooban-cifar100", space: vooban },
] as const satisfies readonly { readonly name: string; readonly title: string; readonly space: SpaceDefinition }[];

const histories = [100, 500, 1000, 2000, 5000, 10_000];

/** The peers take up to seconds a suggestion, so they are asked for fewer and up to so many trials. */
const peerAsks = 2;
const peerHistory = 1000;
const rivals = [
  { sampler: "hyperopt", title: "hyperopt" },
  { sampler: "optuna-tpe", title: "Optuna" },
  { sampler: "optuna-tpe-independent", title: "Optuna, independent" },
] as const;

/**
 * Milliseconds of processor time a suggestion of all parameters by TPE: argmin's own, then beside each of the peers in turns.
 *
 * @remarks Processor time, since what a peer takes a second for is interrupted by whatever else runs, and what takes a millisecond is not.
 */
export async function suggestTpeBenchmark(python: string | undefined): Promise<Benchmark> {
  const peer = python === undefined ? undefined : await startPeer(python, "search_functions.py");
  const studies = new Studies();
  const cases: Case[] = [];
  for (const { name, title, space } of spaces) {
    for (const history of histories) {
      const study = await studies.open(history, space, "tpe");
      const label = `${title}, after ${history.toLocaleString("en-US")} trials`;
      const ours = (): Promise<number> => millisecondsPerAsk(study, processorTime);
      if (peer === undefined || history > peerHistory) {
        cases.push({ label, ours, peer: undefined });
        continue;
      }
      for (const rival of rivals) {
        const request = { task: "suggest", space: name, sampler: rival.sampler, history, asks: peerAsks };
        const theirs = async (): Promise<number> => ((await peer.secondsFor(request)) / peerAsks) * 1000;
        cases.push({ label: `${label}, beside ${rival.title}`, ours, peer: theirs });
      }
    }
  }
  return {
    title: "One suggestion by TPE, processor time",
    unit: "ms/suggestion",
    peerName: peer && "peer",
    cases,
    close: async () => {
      await studies.close();
      await peer?.close();
    },
  };
}

/**
 * Milliseconds of processor time a suggestion of all parameters by a Gaussian process, beside Optuna's.
 *
 * @remarks Each round begins with a study that has nothing fitted yet, and lasts as many suggestions as one fit serves: a tenth of the
 *   trials. What is asked for is told as failed and left out, on both sides, so that the history stays what it is.
 */
export async function suggestGpBenchmark(python: string | undefined): Promise<Benchmark> {
  const peer = python === undefined ? undefined : await startPeer(python, "search_functions.py");
  const studies = new Studies();
  const cases: Case[] = [];
  for (const { name, title, space } of spaces) {
    for (const history of [50, 100, 200]) {
      const request = { task: "suggest", space: name, sampler: "optuna-gp", history, asks: peerAsks };
      cases.push({
        label: `${title}, after ${history} trials`,
        ours: async () => {
          const study = await studies.open(history, space, { name: "gp", settings: { failed: "ignore" } });
          return millisecondsPerAsk(study, processorTime, history / 10);
        },
        peer: peer && (async () => ((await peer.secondsFor(request)) / peerAsks) * 1000),
      });
    }
  }
  return {
    title: "One suggestion by a Gaussian process, processor time",
    unit: "ms/suggestion",
    peerName: peer && "Optuna",
    cases,
    close: async () => {
      await studies.close();
      await peer?.close();
    },
  };
}

/** Studies in memory that have finished trials. */
class Studies {
  readonly #open: Study<unknown>[] = [];

  /** A study of the sampler that has so many trials, which were drawn by chance. */
  async open(history: number, space: SpaceDefinition, sampler: DefinitionSettings["sampler"] & {}): Promise<Study<unknown>> {
    const drawn = await createStudy({ space, sampler: "random", seed: 1 });
    await drawn.optimize((_, trial) => trial.rng.float(), { trials: history, failFast: true });
    const study: Study<unknown> = await createStudy({ space, sampler, seed: 2, duplicates: "allow" });
    this.#open.push(study);
    for (const trial of await drawn.trials()) await study.enqueue(drawn.describe(trial));
    await study.optimize((_, trial) => trial.rng.float(), { trials: history, failFast: true });
    await drawn.close();
    return study;
  }

  async close(): Promise<void> {
    for (const study of this.#open) await study.close();
  }
}

/** Milliseconds that this process has kept processors busy. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function millisecondsPerAsk(study: Study<unknown>, clock: () => number, count = asks): Promise<number> {
  let milliseconds = 0;
  for (let i = 0; i < count; i++) {
    const start = clock();
    const trial = await study.ask();
    milliseconds += clock() - start;
    await study.tell(trial, { state: "failed", error: { message: "not evaluated" } });
  }
  return milliseconds / count;
}
