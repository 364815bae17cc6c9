import { Rng, type JsonObject, type JsonValue } from "@argmin/base";
import { createSampler, createStudy, TrialHistory, type Assignment } from "@argmin/search";
import { median } from "../benchmark.ts";
import type { Peer } from "../peers.ts";
import { drawsOfRange, type Best, type RowRange } from "./results.ts";
import type { Row } from "./rows.ts";
import { budgetsOf, type SearcherName } from "./searchers.ts";

/** The best values of one of argmin's own samplers, as a study runs it. */
export async function runOurs({ space, value }: Row, sampler: SearcherName, seed: number): Promise<Best> {
  const asked = budgetsOf(sampler);
  const study = await createStudy({ space, sampler, seed });
  const values: number[] = [];
  await study.optimize(
    async (sample) => {
      const result = await value(sample);
      values.push(result);
      return result;
    },
    { trials: Math.max(...asked), failFast: true },
  );
  await study.close();
  return asked.map((budget) => Math.min(...values.slice(0, budget)));
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
  const request = { task: "run", row: row.name, sampler, seed, trials: Math.max(...asked), budgets: asked };
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
