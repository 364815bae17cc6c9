import { compileSpace, hp, quantile, type Space } from "@argmin/search";
import { Rng } from "@argmin/base";
import { coordinateOf, layoutOf, pointFrom, type Layout, type Point } from "../../../src/sampler/gp/layout.ts";

const decay = hp.float(1e-6, 1e-2, { log: true, label: "decay" });

/** Numbers, lattices, options with and without an order, choices in choices and a parameter of two branches. */
export const treeSpace = compileSpace({
  rate: hp.float(1e-5, 1, { log: true }),
  depth: hp.int(1, 10),
  fixed: hp.choice(["only"]),
  optimizer: hp.choice([
    { kind: "sgd", momentum: hp.uniform(0, 0.99), decay, schedule: hp.choice([null, { warmup: hp.int(1, 5) }]) },
    { kind: "adam", beta: hp.uniform(0.8, 0.999), decay },
    { kind: "plain" },
  ]),
  shift: hp.normal(0, 2),
});

/** Random points of a space, as many as are wanted. */
export function randomPoints(space: Space, count: number, seed: number | string): { layout: Layout; points: readonly Point[] } {
  const layout = layoutOf(space);
  const rng = Rng.fromSeed(seed);
  const points = Array.from({ length: count }, () =>
    pointFrom(layout, (d) => coordinateOf(layout.axes[d]!, quantile(layout.parameters[d]!.domain, rng.float()))),
  );
  return { layout, points };
}
