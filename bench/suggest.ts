import { createStudy, hp, type SamplerName, type SpaceDefinition, type Study } from "@argmin/search";
import { space as vooban } from "../packages/argmin/src/experiments/vooban-cifar100/space.ts";
import type { Benchmark, Case } from "./benchmark.ts";
import type { Peer } from "./peers.ts";
import { space as threeParameters } from "./three-parameters.ts";

/** Finished trials the study has when it is asked. */
const histories = [100, 1000, 10_000];
/** Suggestions a round; each is told as failed before the next is asked for, so that the history stays about what it was. */
const asks = 50;

type Row = {
  readonly sampler: SamplerName;
  readonly space: SpaceDefinition;
  /** What to call the space, unless it is the one that the peer searches too. */
  readonly title?: string;
};

const floats = Array.from({ length: 10 }, () => hp.uniform(0, 1));
const rows: readonly Row[] = [
  { sampler: "random", space: threeParameters },
  { sampler: "tpe", space: floats, title: "10 floats" },
  { sampler: "tpe", space: vooban, title: "the 22 parameters of vooban-cifar100" },
];

/** Milliseconds from asking a study in memory to having the next trial's parameters. */
export async function suggestBenchmark(peer: Peer | undefined): Promise<Benchmark> {
  const cases: Case[] = [];
  const studies: Study<unknown>[] = [];
  for (const { sampler, space, title } of rows) {
    for (const history of histories) {
      const study = await studyAfter(history, space, sampler);
      studies.push(study);
      cases.push({
        label: `${sampler}${title === undefined ? "" : `, ${title}`}, after ${history.toLocaleString("en-US")} trials`,
        ours: () => millisecondsPerAsk(study),
        peer:
          peer === undefined || title !== undefined
            ? undefined
            : async () => ((await peer.secondsFor({ task: "ask", history, asks })) / asks) * 1000,
      });
    }
  }
  return {
    title: "One suggestion",
    unit: "ms/suggestion",
    peerName: peer?.name,
    cases,
    close: async () => {
      for (const study of studies) await study.close();
    },
  };
}

/** A study with so many trials drawn by chance. */
async function studyAfter(history: number, space: SpaceDefinition, sampler: SamplerName): Promise<Study<unknown>> {
  const drawn = await createStudy({ space, seed: 1 });
  await drawn.optimize((_, trial) => trial.rng.float(), { trials: history, failFast: true });
  const study: Study<unknown> = await createStudy({ space, sampler, seed: 2, duplicates: "allow" });
  for (const trial of await drawn.trials()) await study.enqueue(drawn.describe(trial));
  await study.optimize((_, trial) => trial.rng.float(), { trials: history, failFast: true });
  return study;
}

async function millisecondsPerAsk(study: Study<unknown>): Promise<number> {
  let milliseconds = 0;
  for (let i = 0; i < asks; i++) {
    const start = performance.now();
    const trial = await study.ask();
    milliseconds += performance.now() - start;
    await study.tell(trial, { state: "failed", error: { message: "not evaluated" } });
  }
  return milliseconds / asks;
}
