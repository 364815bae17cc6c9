/** One thing measured: argmin's side and, where there is one, a peer's side of the same work. Each call is one round. */
export interface Case {
  /** What varies: "batch 8", "through SQLite". */
  readonly label: string;
  readonly ours: () => Promise<number>;
  readonly peer: (() => Promise<number>) | undefined;
}

/** A group of cases with one unit, printed as one table. */
export interface Benchmark {
  readonly title: string;
  readonly unit: "images/s" | "trials/s" | "ms/suggestion";
  readonly peerName: string | undefined;
  readonly cases: readonly Case[];
  /** Lets go of what the rounds kept. */
  readonly close: () => Promise<void>;
}

export interface Measurement {
  readonly label: string;
  /** Medians over the rounds, in the benchmark's unit. */
  readonly ours: number;
  readonly peer?: number;
  /** How many times as fast as the peer argmin is, whichever way the unit counts. */
  readonly timesAsFast?: number;
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Runs both sides in turns, so that a machine that slows down slows both: one round each that does not count, then `rounds`
 * rounds that do.
 */
export async function measure(unit: Benchmark["unit"], { label, ours, peer }: Case, rounds: number): Promise<Measurement> {
  await ours();
  await peer?.();
  const left: number[] = [];
  const right: number[] = [];
  for (let round = 0; round < rounds; round++) {
    left.push(await ours());
    if (peer !== undefined) right.push(await peer());
  }
  const mine = median(left);
  if (peer === undefined) return { label, ours: mine };
  const theirs = median(right);
  return { label, ours: mine, peer: theirs, timesAsFast: unit === "ms/suggestion" ? theirs / mine : mine / theirs };
}
