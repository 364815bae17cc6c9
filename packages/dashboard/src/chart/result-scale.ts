import { counted } from "@argmin/base";
import { linearScale, logScale, type Scale } from "../scale/scale.ts";
import { least, most } from "../scale/parameter-scale.ts";
import { numberWords } from "../scale/words.ts";
import type { ChartedStudy } from "./charted-study.ts";

/** The axis of results, and what lies beyond it. */
export interface ResultScale {
  readonly scale: Scale;
  /** Whether a value is drawn at the edge, because it lies far out. */
  readonly isBeyond: (value: number) => boolean;
  /** The sentence about those; `undefined` where there are none. */
  readonly note?: string;
}

/** Results far out are drawn at the edge of the others, so that they do not press those to a line. */
export function resultScale(
  { analysis, direction }: Pick<ChartedStudy, "analysis" | "direction">,
  values: readonly number[],
): ResultScale {
  const limit = analysis.clipped?.value;
  const isBeyond = (value: number): boolean => limit !== undefined && (direction === "minimize" ? value > limit : value < limit);
  const within = values.filter((value) => Number.isFinite(value) && !isBeyond(value));
  const beyond = values.reduce((count, value) => count + (Number.isFinite(value) && isBeyond(value) ? 1 : 0), 0);
  const scale = within.length === 0 ? linearScale(0, 1) : scaleOf(within);
  if (beyond === 0 || limit === undefined) return { scale, isBeyond: () => false };
  const [side, edge] = direction === "minimize" ? ["above", "upper"] : ["below", "lower"];
  const note = `${counted(beyond, "result")} ${side} ${numberWords(limit)} ${beyond === 1 ? "is" : "are"} drawn at the ${edge} edge.`;
  return { scale, isBeyond, note };
}

/** From here on equal steps would press most values to a line. */
const wideRatio = 500;

/** A scale for measured values: logarithmic where they are positive and of very different sizes. */
export function scaleOf(values: readonly number[]): Scale {
  const [low, high] = [least(values), most(values)];
  return low > 0 && high / low > wideRatio ? logScale(low, high, { margin: 0.05 }) : linearScale(low, high, { margin: 0.05 });
}
