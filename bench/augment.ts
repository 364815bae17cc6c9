import { Rng } from "@argmin/base";
import type { Augmentation } from "@argmin/nn";
import { augment } from "@argmin/vision";
import { formatNumber, formatTable } from "./table.ts";

/** Milliseconds a batch of 128 images of 3 x 32 x 32; `npx tsx --conditions @argmin/source bench/augment.ts`. */
const ROWS = 128;
const SHAPE = [3, 32, 32];
const ROUNDS = 60;
/** Rounds that do not count: until V8 has compiled the loops. */
const WARM_UP = 20;
const REPEATS = 5;

const [flip, crop, cutout, mixup] = [
  augment.flip(),
  augment.crop({ padding: 4 }),
  augment.cutout({ size: 16 }),
  augment.mixup({ alpha: 0.2 }),
];
const cases: readonly (readonly [string, Augmentation])[] = [
  ["flip", flip],
  ["crop, zeros", crop],
  ["crop, mirrored", augment.crop({ padding: 4, fill: "reflect" })],
  ["cutout", cutout],
  ["mixup", mixup],
  ["flip, crop, cutout", augment.all([flip, crop, cutout])],
  ["flip, crop, cutout, mixup", augment.all([flip, crop, cutout, mixup])],
];

/** The fastest and the median of the rounds of each case, which take turns. */
function measure(inputs: Uint8Array | Float32Array): readonly (readonly [number, number])[] {
  const times = cases.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [, augmentation]] of cases.entries()) {
      const start = performance.now();
      for (let i = 0; i < REPEATS; i++) augmentation.apply({ inputs, rows: ROWS, shape: SHAPE }, Rng.fromSeed(round).split(i));
      if (round >= WARM_UP) times[index]!.push((performance.now() - start) / REPEATS);
    }
  }
  return times.map((list) => {
    const sorted = list.toSorted((a, b) => a - b);
    return [sorted[0]!, sorted[sorted.length >> 1]!];
  });
}

// A training sees one type of pixels; a process that sees both runs the shared loops at less speed.
const type = process.argv[2] === "numbers" ? "numbers" : "bytes";
const bytes = Uint8Array.from({ length: ROWS * 3072 }, (_, i) => (i * 7) % 256);
const times = measure(type === "bytes" ? bytes : Float32Array.from(bytes));
const rows = cases.map(([label], i) => [label].concat(times[i]!.map(formatNumber)));
process.stdout.write(formatTable([`${type}, ms a batch`, "fastest", "median"], rows));
