import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStudy, MemoryStorage, type Storage } from "@argmin/search";
import { openSqliteStorage } from "@argmin/search/sqlite";
import type { Benchmark } from "./benchmark.ts";
import type { Peer } from "./peers.ts";
import { objective, space } from "./three-parameters.ts";

/** Trials a round. Through SQLite each is on the disk before the next begins. */
const trials = { memory: 3000, sqlite: 100 };

/** Trials a second of a random search, from suggestion to stored result, with studies in memory and in a SQLite file. */
export async function storageBenchmark(peer: Peer | undefined): Promise<Benchmark> {
  const folder = await mkdtemp(join(tmpdir(), "argmin-bench-"));
  let files = 0;
  const peerRate = (storage: "memory" | "sqlite") =>
    peer && (async () => trials[storage] / (await peer.secondsFor({ task: "run", storage, trials: trials[storage], folder })));
  return {
    title: "Random search over three parameters",
    unit: "trials/s",
    peerName: peer?.name,
    cases: [
      { label: "in memory", ours: () => trialRate(new MemoryStorage(), trials.memory), peer: peerRate("memory") },
      {
        label: "through SQLite",
        ours: async () => trialRate(await openSqliteStorage(join(folder, `argmin-${files++}.db`)), trials.sqlite),
        peer: peerRate("sqlite"),
      },
    ],
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function trialRate(storage: Storage, count: number): Promise<number> {
  try {
    const study = await createStudy({ space, storage, seed: 1 });
    const start = performance.now();
    await study.optimize(objective, { trials: count, failFast: true });
    return (count / (performance.now() - start)) * 1000;
  } finally {
    await storage.close();
  }
}
