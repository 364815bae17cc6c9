import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type {
  CosineScheduleOptions,
  ExponentialScheduleOptions,
  GradientClipping,
  OneCycleScheduleOptions,
  StepScheduleOptions,
  WarmUpOptions,
} from "@argmin/nn";
import { layer, optimizer, type ActivationName, type Layer, type LossName, type OptimizerSettings } from "@argmin/nn";

/** A tensor of a fixture. */
export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface LayerCase {
  readonly name: string;
  readonly kind:
    | "activation"
    | "averagePooling2d"
    | "conv2d"
    | "dense"
    | "flatten"
    | "globalAveragePooling2d"
    | "globalMaxPooling2d"
    | "maxPooling2d"
    | "normalization"
    | "rescaling";
  readonly options: LayerCaseOptions;
  readonly input: FixtureTensor;
  readonly weights: Readonly<Record<string, FixtureTensor>>;
  readonly output: FixtureTensor;
  readonly outputGradient: FixtureTensor;
  readonly inputGradient: FixtureTensor;
  readonly weightGradients: Readonly<Record<string, FixtureTensor>>;
}

interface LayerCaseOptions {
  readonly units: number;
  readonly filters: number;
  readonly kernelSize: number | readonly [number, number];
  readonly activation: ActivationName;
  readonly poolSize?: number | readonly [number, number];
  readonly scale: number;
  readonly offset: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

export interface LossCase {
  readonly loss: LossName;
  readonly activation: ActivationName;
  readonly preActivation: FixtureTensor;
  readonly target: FixtureTensor;
  readonly value: number;
  readonly gradient: FixtureTensor;
}

export interface OptimizerCases {
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  /** What each step's learning rate is multiplied by. */
  readonly rates: readonly number[];
  readonly cases: readonly {
    readonly name: string;
    readonly kind: OptimizerSettings["kind"];
    readonly options: { readonly learningRate: number };
    readonly trajectory: readonly (readonly number[])[];
  }[];
}

/** Optimizers with weight decay, and what each step's rate is multiplied by, each case for itself. */
export interface DecayCases extends Pick<OptimizerCases, "start" | "gradients"> {
  readonly cases: readonly (OptimizerCases["cases"][number] & { readonly rates: readonly number[] })[];
}

export interface ScheduleCases {
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  readonly cases: readonly ScheduleCase[];
}

export type ScheduleCase = {
  /** At each step. */
  readonly factors: readonly number[];
  readonly momenta?: readonly number[];
} & (
  | { readonly kind: "step"; readonly options: StepScheduleOptions }
  | { readonly kind: "exponential"; readonly options: ExponentialScheduleOptions }
  | { readonly kind: "cosine"; readonly options: CosineScheduleOptions }
  | { readonly kind: "oneCycle"; readonly options: OneCycleScheduleOptions }
  | { readonly kind: "warmUp"; readonly options: WarmUpOptions }
);

export interface NetworkRuns {
  readonly batchSize: number;
  readonly neurons: number;
  readonly images: FixtureTensor;
  readonly labels: readonly number[];
  readonly start: Readonly<Record<string, FixtureTensor>>;
  readonly runs: readonly {
    readonly kind: OptimizerSettings["kind"];
    readonly options: { readonly learningRate: number };
    readonly activation: ActivationName;
    /** Of each step, before it. */
    readonly losses: readonly number[];
    readonly weights: Readonly<Record<string, FixtureTensor>>;
    readonly probabilities: FixtureTensor;
  }[];
}

export interface RecipeRuns {
  readonly batchSize: number;
  readonly epochs: number;
  readonly images: FixtureTensor;
  readonly labels: readonly number[];
  readonly start: Readonly<Record<string, FixtureTensor>>;
  readonly runs: readonly RecipeRun[];
}

export interface RecipeRun {
  readonly kind: OptimizerSettings["kind"];
  readonly options: { readonly learningRate: number };
  readonly clipping: GradientClipping;
  /** Of the average of the weights. */
  readonly decay: number;
  /** Whether the rate goes through one cycle. */
  readonly cycled: boolean;
  /** Of each epoch. */
  readonly losses: readonly number[];
  readonly weights: Readonly<Record<string, FixtureTensor>>;
  readonly average: Readonly<Record<string, FixtureTensor>>;
  readonly averagedLoss: number;
}

interface Fixtures {
  readonly "layers.json": { readonly cases: readonly LayerCase[] };
  readonly "pools.json": { readonly cases: readonly LayerCase[] };
  readonly "losses.json": { readonly cases: readonly LossCase[] };
  readonly "optimizers.json": OptimizerCases;
  readonly "decays.json": DecayCases;
  readonly "schedules.json": ScheduleCases;
  readonly "recipes.json": RecipeRuns;
  readonly "networks.json": NetworkRuns;
}

/** What `make_fixtures_nn.py` and `make_fixtures_torch.py` of `bench/peers` wrote. */
export function readFixture<K extends keyof Fixtures>(name: K): Fixtures[K] {
  const fixture: Fixtures[K] = JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8"));
  return fixture;
}

const layersOf: { readonly [K in LayerCase["kind"]]: (options: LayerCaseOptions) => Layer } = {
  activation: ({ activation }) => layer.activation(activation),
  averagePooling2d: layer.averagePooling2d,
  conv2d: layer.conv2d,
  dense: layer.dense,
  flatten: () => layer.flatten(),
  globalAveragePooling2d: () => layer.globalAveragePooling2d(),
  globalMaxPooling2d: () => layer.globalMaxPooling2d(),
  maxPooling2d: layer.maxPooling2d,
  normalization: layer.normalization,
  rescaling: layer.rescaling,
};

export function layerOf({ kind, options }: Pick<LayerCase, "kind" | "options">): Layer {
  return layersOf[kind](options);
}

/** Settings of an optimizer as a fixture has them. */
export function optimizerFrom(kind: OptimizerSettings["kind"], options: { readonly learningRate: number }): OptimizerSettings {
  return optimizer[kind](options);
}

/** Asserts that each number is within a share of the wanted one, or of `floor` times the largest wanted one where that is more. */
export function expectClose(
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  what: string,
  tolerance = 1e-4,
  floor = 1e-2,
): void {
  expect(actual.length, what).toBe(wanted.length);
  const largest = Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < wanted.length; i++) {
    const allowed = tolerance * Math.max(floor * largest, Math.abs(wanted[i]!));
    if (!(Math.abs(actual[i]! - wanted[i]!) <= allowed)) {
      expect.fail(`${what}[${i}]: ${actual[i]} is not within ${tolerance} of ${wanted[i]}`);
    }
  }
}
