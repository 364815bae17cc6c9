import type { Direction } from "../storage/storage.ts";

/** Whether a value is better than another in a study of that direction. Equal values are not, and NaN is neither. */
export function isBetter(direction: Direction, value: number, other: number): boolean {
  return direction === "minimize" ? value < other : value > other;
}
