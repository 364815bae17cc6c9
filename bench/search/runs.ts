import { Rng, type JsonObject, type JsonValue } from "@argmin/base";
import { createSampler, createStudy, Pruned, TrialHistory, type Assignment, type PrunerSetting } from "@argmin/search";
import { median } from "../benchmark.ts";
import type { Peer } from "../peers.ts";
import { drawsOfRange, type Best, type RowRange } from "./results.ts";
import type { Row } from "./rows.ts";
import { budgetsOf, prunerOf, wholeTrial, type SearcherName } from "./searchers.ts";

/** The best values of one of argmin's own searchers, as a study runs it. */
export async function runOurs(row: Row, name: SearcherName, seed: number): Promise<Best> {
  const pruner = prunerOf(name);
  if (pruner !== undefined) return runPruned(row, pruner, budgetsOf(name), seed);
  const asked = budgetsOf(name);
  const study = await createStudy({ space: row.space, sampler: name, seed });
  const values: number[] = [];
  await study.optimize(
    async (sample) => {
      const result = await row.value(sample);
      values.push(result);
      return result;
    },
    { trials: Math.max(...asked), failFast: true },
  );
  await study.close();
  return asked.map((budget) => Math.min(...values.slice(0, budget)));
}

/** The best values of whole trials within the steps of so many of them, in a random search whose pruner stops the others. */
async function runPruned(
  { name, space, valueAfter }: Row,
  pruner: PrunerSetting,
  budgets: readonly number[],
  seed: number,
): Promise<Best> {
  if (valueAfter === undefined) throw new Error(`internal: ${name} has no steps.`);
  const limits = budgets.map((budget) => budget * wholeTrial);
  const bests = limits.map(() => Number.POSITIVE_INFINITY);
  const study = await createStudy({ space, sampler: "random", pruner, seed });
  const spent = new AbortController();
  let steps = 0;
  await study.optimize(
    async (sample, trial) => {
      for (let step = (trial.resumedFrom ?? 0) + 1; step < wholeTrial; step++) {
        steps += 1;
        trial.report(step, await valueAfter(sample, step / wholeTrial), { of: wholeTrial });
        if (await trial.shouldPrune()) throw new Pruned();
      }
      steps += 1;
      const value = await valueAfter(sample, 1);
      for (const [place, limit] of limits.entries()) if (steps <= limit) bests[place] = Math.min(bests[place]!, value);
      if (steps >= Math.max(...limits)) spent.abort();
      return value;
    },
    { trials: Math.max(...limits), failFast: true, signal: spent.signal },
  );
  await study.close();
  return bests;
}

/** The best values of a peer's sampler. `surrogates` is the folder that the row's model lies in, if it has one. */
export async function runPeer(
  peer: Peer,
  row: Row,
  {
    sampler,
    seed,
    surrogates,
  }: { readonly sampler: SearcherName; readonly seed: number; readonly surrogates: string | undefined },
): Promise<Best> {
  const asked = budgetsOf(sampler);
  const what = prunerOf(sampler) === undefined ? { task: "run", sampler } : { task: "prune", pruner: sampler, steps: wholeTrial };
  const request = { ...what, row: row.name, seed, trials: Math.max(...asked), budgets: asked };
  const answer = await peer.exchange({ ...request, ...folderMember(surrogates) });
  return numbersOf(answer["best"], asked.length);
}

/**
 * Compares the two sides' values of a row at some random points, since a comparison of searches on different functions says nothing.
 *
 * @throws Error if they differ.
 */
export async function ensureSameFunction(peer: Peer, row: Row, surrogates: string | undefined): Promise<void> {
  const points = randomPoints(row, 20);
  const answer = await peer.exchange({ task: "values", row: row.name, points, ...folderMember(surrogates) });
  const theirs = numbersOf(answer["values"], points.length);
  for (const [i, point] of points.entries()) {
    const ours = await row.value(row.space.decode(point));
    // The surrogates compute in float32.
    if (Math.abs(ours - theirs[i]!) > 1e-5 * Math.max(1, Math.abs(ours))) {
      throw new Error(`internal: ${row.name} is ${ours} here and ${theirs[i]} there, at ${JSON.stringify(point)}.`);
    }
  }
}

/** What a row's values are like at random. */
export async function rangeOf(row: Row): Promise<RowRange> {
  const values: number[] = [];
  for (const point of randomPoints(row, drawsOfRange)) values.push(await row.value(row.space.decode(point)));
  const [lowest, highest] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  return { minimum: row.minimum ?? null, lowest, median: median(values), highest };
}

function randomPoints({ space, name }: Row, count: number): readonly Assignment[] {
  const [random, rng, history] = [createSampler("random"), Rng.fromSeed(name), new TrialHistory()];
  return Array.from({ length: count }, (_, number) =>
    random.suggest({
      space,
      history,
      pending: [],
      number,
      index: number,
      attempt: 0,
      rng: rng.split("point", number),
      studyRng: rng,
    }),
  );
}

function folderMember(surrogates: string | undefined): JsonObject {
  return surrogates === undefined ? {} : { surrogates };
}

function numbersOf(value: JsonValue | undefined, count: number): readonly number[] {
  const numbers = Array.isArray(value) ? value.filter((entry) => typeof entry === "number") : [];
  if (numbers.length !== count) throw new Error(`internal: a peer answered ${JSON.stringify(value)}, not ${count} numbers.`);
  return numbers;
}
