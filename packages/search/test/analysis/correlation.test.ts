import { compileSpace, correlations, hp, tableOf, type Space } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { mirrored, randomTrials } from "./studies.ts";

function trialsOf(values: readonly (readonly [x: number, value: number])[]): Parameters<typeof tableOf>[1] {
  return values.map(([x, value], number) => ({ number, state: "complete", value, assignment: { x } }));
}

const line = compileSpace({ x: hp.uniform(0, 10) });

function first(space: Space, trials: Parameters<typeof tableOf>[1], direction: "minimize" | "maximize" = "minimize"): unknown {
  return correlations(tableOf(space, trials, direction), { direction }).parameters[0];
}

describe("correlations", () => {
  it("of ranks, so that any rising function counts in full, with the objective's own sign", () => {
    const rising = trialsOf([1, 2, 3, 5, 8].map((x) => [x, Math.exp(x)]));
    expect(first(line, rising)).toMatchObject({ kind: "spearman", coefficient: 1, importance: 1, trials: 5 });
    expect(first(line, rising, "maximize")).toMatchObject({ coefficient: 1 });
    expect(first(line, mirrored(rising), "maximize")).toMatchObject({ coefficient: -1, importance: 1 });
  });

  it("shares ranks between equal values", () => {
    // Ranks 1, 2.5, 2.5, 4 beside 1, 3, 2, 4: 4.5 / sqrt(4.5 * 5).
    const found = first(line, trialsOf([[1, 1], [2, 3], [2, 2], [3, 4]])); // prettier-ignore
    expect(found).toMatchObject({ coefficient: expect.closeTo(4.5 / Math.sqrt(22.5), 12) });
  });

  it("of a choice: the share of variance between its options", () => {
    const space = compileSpace({ kind: hp.choice(["a", "b"]), seed: hp.randint(2) });
    const trials = [0, 0, 1, 1].map((kind, i) => ({
      number: i,
      state: "complete" as const,
      value: [1, 2, 3, 4][i]!,
      assignment: { kind, seed: i % 2 },
    }));
    const { parameters } = correlations(tableOf(space, trials, "minimize"), { direction: "minimize" });
    // Of a variance of 5 ranks squared, 4 lie between { 1, 2 } and { 3, 4 }, 1 between { 1, 3 } and { 2, 4 }.
    expect(parameters.map(({ label, importance }) => [label, importance])).toEqual([
      ["kind", 0.8],
      ["seed", 0.2],
    ]);
  });

  it("looks only where a parameter is active", () => {
    const space = compileSpace({ kind: hp.choice([{ name: "a", x: hp.uniform(0, 1) }, { name: "b" }]) });
    const [, x] = space.parameters.map(({ label }) => label);
    const trials = randomTrials(space, 60, (it) => it[x!] ?? 5);
    const found = correlations(tableOf(space, trials, "minimize"), { direction: "minimize" }).parameters;
    const active = trials.filter(({ assignment }) => assignment[x!] !== undefined).length;
    expect(found.find(({ label }) => label === x)).toMatchObject({ coefficient: expect.closeTo(1, 12), trials: active });
  });

  it("says nothing where nothing varies", () => {
    expect(first(line, trialsOf([[1, 2], [2, 2], [3, 2]]))).toMatchObject({ coefficient: null, importance: 0 }); // prettier-ignore
    expect(first(line, trialsOf([]))).toMatchObject({ coefficient: null, importance: 0, standardError: null });
  });

  it("gives an error that shrinks with the number of trials", () => {
    const errorOf = (count: number): number =>
      correlations(
        tableOf(
          line,
          randomTrials(line, count, ({ x }, rng) => x! + rng.normal(0, 3)),
          "minimize",
        ),
        {
          direction: "minimize",
        },
      ).parameters[0]!.standardError!;
    const [few, many] = [errorOf(100), errorOf(6400)];
    expect(few / many).toBeGreaterThan(4);
    expect(few / many).toBeLessThan(16);
  });
});
