import type { Rng } from "@argmin/base";
import { fromPrior, nearPoints, spreadPoints } from "./candidates.ts";
import { climb, scoreAll, type Acquisition, type Scored } from "./climb.ts";
import type { Layout, Point } from "./layout.ts";
import { areSame } from "./observations.ts";
import type { Posterior } from "./posterior.ts";
import type { GpTuning } from "./tuning.ts";

/** How many of the best points others are looked for near. */
const nearBest = 6;

/**
 * The point where the most improvement is to be expected: the best of many that are spread over the space or lie near the best
 * ones known, and of what climbing from some of them leads to. Not one that is known already, if there is another. Now and then a
 * choice that other parameters depend on is drawn by chance first, and what is to be improved is the best of that branch: one that
 * began badly may be the best of all.
 *
 * @param attempt - How many proposals were turned down before: then it looks at fewer points, and climbs no more.
 */
export function propose(posterior: Posterior, attempt: number, tuning: GpTuning, rng: Rng): Point {
  const { layout } = posterior.kernel;
  const { means, points } = posterior;
  const settled = Float64Array.from(layout.axes, (_, d) => {
    return layout.governs[d] === 1 && rng.float() < tuning.exploration ? fromPrior(layout, d, rng.float()) : Number.NaN;
  });
  const all = Array.from(means, (_, i) => i).sort((a, b) => means[a]! - means[b]! || a - b);
  const inBranch = all.filter((i) => settled.every((option, d) => Number.isNaN(option) || points[i]![d] === option));
  const order = inBranch.length > 0 ? inBranch : all;
  const acquisition: Acquisition = { posterior, incumbent: means[order[0]!]! };

  const spread = scoreAll(acquisition, spreadPoints(layout, Math.max(1, tuning.spreadCandidates >> attempt), settled, rng));
  const bests = order.slice(0, nearBest).map((i) => points[i]!);
  const near = scoreAll(acquisition, nearPoints(layout, bests, tuning.nearCandidates >> attempt, settled, rng));
  const candidates = [...spread, ...near];
  if (attempt === 0) {
    const fallback = Float64Array.from(layout.axes, (_, d) => {
      const row = [...order, ...all].find((i) => !Number.isNaN(points[i]![d]!));
      return row === undefined ? fromPrior(layout, d, 0.5) : points[row]![d]!;
    });
    const climbed = startsOf(layout, spread, near, tuning.climbs).map((start) => {
      return climb(acquisition, start, { fallback, settled }, tuning.climbSteps);
    });
    const highest = climbed.toSorted(byScore).slice(0, tuning.finalClimbs);
    candidates.push(...climbed, ...highest.map((start) => climb(acquisition, start, { fallback, settled }, tuning.finalSteps)));
  }
  const ordered = candidates.toSorted(byScore);
  return (ordered.find(({ point }) => !points.some((known) => areSame(known, point))) ?? ordered[0]!).point;
}

/** The best of those near and of those spread, and the best of each combination of active parameters; up to `count` of both kinds. */
function startsOf({ conditions }: Layout, spread: readonly Scored[], near: readonly Scored[], count: number): readonly Scored[] {
  const half = Math.ceil(count / 2);
  const bestNear = near.toSorted(byScore).slice(0, half);
  const bestSpread = spread.toSorted(byScore).slice(0, count - half);
  const branching = conditions.flatMap((ways, d) => (ways === undefined ? [] : [d]));
  const shapes = new Map<string, Scored>();
  for (const scored of [...near, ...spread].toSorted(byScore)) {
    if (shapes.size === count) break;
    const shape = branching.map((d) => (Number.isNaN(scored.point[d]!) ? "-" : "+")).join("");
    if (!shapes.has(shape)) shapes.set(shape, scored);
  }
  return [...new Set([...bestNear, ...bestSpread, ...shapes.values()])];
}

function byScore(a: Scored, b: Scored): number {
  return b.score - a.score;
}
