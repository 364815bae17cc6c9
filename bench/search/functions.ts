import { compileSpace, hp, type Space } from "@argmin/search";

/** A known function to be minimised over a space. */
export interface TestFunction {
  readonly space: Space;
  /** At a sample of the space. */
  readonly value: (sample: unknown) => number;
  readonly minimum: number;
}

/** A function over a box, every coordinate with a uniform prior. */
function overBox(
  bounds: readonly (readonly [number, number])[],
  minimum: number,
  value: (x: readonly number[]) => number,
): TestFunction {
  const space = compileSpace(bounds.map(([low, high], i) => hp.uniform(low, high, { label: `x${i}` })));
  return { space, minimum, value: (sample) => value(asNumbers(sample)) };
}

function asNumbers(sample: unknown): readonly number[] {
  if (!Array.isArray(sample)) throw new Error("internal: a sample of a box is a list.");
  return sample.map(Number);
}

function cube(dimensions: number, low: number, high: number): readonly (readonly [number, number])[] {
  return Array.from({ length: dimensions }, () => [low, high] as const);
}

/** Branin and Hoo's function of two variables, with three equal minima. */
function branin(x: readonly number[]): number {
  const [x0 = Number.NaN, x1 = Number.NaN] = x;
  const parabola = x1 - (5.1 / (4 * Math.PI ** 2)) * x0 ** 2 + (5 / Math.PI) * x0 - 6;
  return parabola ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x0) + 10;
}

const hartmannHeights = [1, 1.2, 3, 3.2];
const hartmannSlopes = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannPeaks = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

/** Hartmann's function of six variables: four hills upside down. */
function hartmann6(x: readonly number[]): number {
  return -sum(hartmannHeights, (height, i) => {
    return height * Math.exp(-sum(x, (value, j) => hartmannSlopes[i]![j]! * (value - hartmannPeaks[i]![j]!) ** 2));
  });
}

/** Rosenbrock's bent valley. */
function rosenbrock(x: readonly number[]): number {
  return sum(x.slice(1), (next, i) => 100 * (next - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2);
}

/** Ackley's function: one funnel, covered with ripples. */
function ackley(x: readonly number[]): number {
  const squares = sum(x, (value) => value ** 2) / x.length;
  const cosines = sum(x, (value) => Math.cos(2 * Math.PI * value)) / x.length;
  return -20 * Math.exp(-0.2 * Math.sqrt(squares)) - Math.exp(cosines) + 20 + Math.E;
}

/** Rastrigin's function: a bowl with a grid of minima. */
function rastrigin(x: readonly number[]): number {
  return 10 * x.length + sum(x, (value) => value ** 2 - 10 * Math.cos(2 * Math.PI * value));
}

const ackleyShift = [12, -9, 5, -15, 20, -3, 8, -18, 14, -6];
const rastriginShift = [1.7, -2.3, 3.1, -0.9, 2.6];

function shifted(value: (x: readonly number[]) => number, shift: readonly number[]): (x: readonly number[]) => number {
  return (x) => value(x.map((coordinate, i) => coordinate - shift[i]!));
}

/** A choice of three branches with parameters of their own, beside two that are always there: the best branch looks worst at first. */
function mixed(): TestFunction {
  const space = compileSpace({
    branch: hp.choice([
      { kind: "a", x: hp.uniform(-5, 5, { label: "a_x" }), y: hp.uniform(-5, 5, { label: "a_y" }) },
      { kind: "b", x: hp.uniform(0, 1, { label: "b_x" }), y: hp.uniform(0, 1, { label: "b_y" }) },
      { kind: "c", x: hp.uniform(-10, 10, { label: "c_x" }), y: hp.uniform(0, 10, { label: "c_y" }) },
    ]),
    lr: hp.float(1e-5, 1, { log: true }),
    depth: hp.int(1, 10),
  });
  return { space, minimum: 0, value: mixedValue };
}

function mixedValue(sample: unknown): number {
  const { branch, ...always } = membersOf(sample);
  const { kind, ...own } = membersOf(branch);
  const [lr, depth, x, y] = [always["lr"], always["depth"], own["x"], own["y"]].map(Number);
  const common = 0.5 * (Math.log10(lr!) + 3) ** 2 + 0.05 * (depth! - 6) ** 2;
  if (kind === "a") return common + 0.3 + 0.1 * ((x! - 1) ** 2 + (y! + 2) ** 2);
  if (kind === "b") return common + 20 * ((x! - 0.73) ** 2 + (y! - 0.21) ** 2);
  return common + 0.6 + 0.02 * ((x! - 3) ** 2 + (y! - 4) ** 2);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function sum(values: readonly number[], term: (value: number, i: number) => number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += term(values[i]!, i);
  return total;
}

/** All of them by name. */
export const testFunctions = {
  branin: overBox(
    [
      [-5, 10],
      [0, 15],
    ],
    0.39788735772973816,
    branin,
  ),
  hartmann6: overBox(cube(6, 0, 1), -3.322368011391339, hartmann6),
  rosenbrock5: overBox(cube(5, -5, 10), 0, rosenbrock),
  ackley10: overBox(cube(10, -32.768, 32.768), 0, ackley),
  rastrigin5: overBox(cube(5, -5.12, 5.12), 0, rastrigin),
  ackley10_shift: overBox(cube(10, -32.768, 32.768), 0, shifted(ackley, ackleyShift)),
  rastrigin5_shift: overBox(cube(5, -5.12, 5.12), 0, shifted(rastrigin, rastriginShift)),
  mixed: mixed(),
} as const satisfies { readonly [name: string]: TestFunction };
