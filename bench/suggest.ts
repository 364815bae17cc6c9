import { createStudy, type LiveTrial } from "@argmin/search";
import type { Benchmark, Case } from "./benchmark.ts";
import type { Peer } from "./peers.ts";
import { objective, space } from "./three-parameters.ts";

/** Finished trials the study has when it is asked. */
const histories = [100, 1000, 10_000];
/** Suggestions a round; they are told as failed afterwards, so that the history stays about what it was. */
const asks = 50;

/** Milliseconds from asking a study in memory to having the next trial's parameters. */
export async function suggestBenchmark(peer: Peer | undefined): Promise<Benchmark> {
  const cases: Case[] = [];
  const studies: { readonly close: () => Promise<void> }[] = [];
  for (const history of histories) {
    const study = await createStudy({ space, seed: 1 });
    await study.optimize(objective, { trials: history, failFast: true });
    studies.push(study);
    cases.push({
      label: `random, after ${history.toLocaleString("en-US")} trials`,
      ours: async () => {
        const asked: LiveTrial<unknown>[] = [];
        const start = performance.now();
        for (let i = 0; i < asks; i++) asked.push(await study.ask());
        const milliseconds = performance.now() - start;
        for (const trial of asked) await study.tell(trial.number, { state: "failed", error: { message: "not evaluated" } });
        return milliseconds / asks;
      },
      peer: peer && (async () => ((await peer.secondsFor({ task: "ask", history, asks })) / asks) * 1000),
    });
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
