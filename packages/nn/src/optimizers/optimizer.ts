import { ArgminError } from "@argmin/base";

/** Stochastic gradient descent, with Keras's kind of momentum. */
export interface SgdSettings {
  readonly kind: "sgd";
  /** Default 0.01. */
  readonly learningRate: number;
  /** Default 0. */
  readonly momentum: number;
  /** Look ahead along the momentum (Nesterov, 1983). Default false. */
  readonly nesterov: boolean;
}

interface MomentSettings {
  /** Default 0.001. */
  readonly learningRate: number;
  /** Decay of the mean of the gradients. Default 0.9. */
  readonly beta1: number;
  /** Decay of the mean of their squares (Adamax: of their size). Default 0.999. */
  readonly beta2: number;
  /** Default 1e-7. */
  readonly epsilon: number;
}

/** Adam (Kingma and Ba, 2015). */
export interface AdamSettings extends MomentSettings {
  readonly kind: "adam";
}

/** Adam with the largest gradient in place of the mean square (Kingma and Ba, 2015, section 7.1). */
export interface AdamaxSettings extends MomentSettings {
  readonly kind: "adamax";
}

/** Adam with Nesterov momentum (Dozat, 2016). */
export interface NadamSettings extends MomentSettings {
  readonly kind: "nadam";
}

/** Gradients divided by the root of their mean square (Tieleman and Hinton, 2012). */
export interface RmspropSettings {
  readonly kind: "rmsprop";
  /** Default 0.001. */
  readonly learningRate: number;
  /** Decay of the mean square. Default 0.9. */
  readonly rho: number;
  /** Default 0. */
  readonly momentum: number;
  /** Default 1e-7, under the root. */
  readonly epsilon: number;
  /** Divide by the deviation rather than the root of the mean square. Default false. */
  readonly centered: boolean;
}

/** An optimizer is plain data; `optimizer.adam()` and its like fill in Keras's defaults. */
export type OptimizerSettings = SgdSettings | AdamSettings | AdamaxSettings | NadamSettings | RmspropSettings;
export type OptimizerKind = OptimizerSettings["kind"];

type Options<S extends OptimizerSettings> = Partial<Omit<S, "kind">>;

const moments = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** All optimizers with Keras's defaults: `optimizer.adam({ learningRate: 0.01 })`. Each throws `value/invalid` for a number out of range. */
export const optimizer = Object.freeze({
  sgd: (options: Options<SgdSettings> = {}): SgdSettings =>
    checked({ kind: "sgd", learningRate: 0.01, momentum: 0, nesterov: false, ...options }),
  adam: (options: Options<AdamSettings> = {}): AdamSettings => checked({ kind: "adam", ...moments, ...options }),
  adamax: (options: Options<AdamaxSettings> = {}): AdamaxSettings => checked({ kind: "adamax", ...moments, ...options }),
  nadam: (options: Options<NadamSettings> = {}): NadamSettings => checked({ kind: "nadam", ...moments, ...options }),
  rmsprop: (options: Options<RmspropSettings> = {}): RmspropSettings =>
    checked({ kind: "rmsprop", learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false, ...options }),
});

/** The settings of an optimizer given by its name. @throws ArgminError `value/invalid` if there is none. */
export function optimizerOf(given: OptimizerSettings | OptimizerKind): OptimizerSettings {
  if (typeof given !== "string") return checked(given);
  if (!Object.hasOwn(optimizer, given)) {
    throw new ArgminError(
      "value/invalid",
      `There is no optimizer "${given as string}"; choose one of ${Object.keys(optimizer).join(", ")}.`,
    );
  }
  return optimizer[given]();
}

/** Numbers that must be at least 0 and below 1. */
const decays: ReadonlySet<string> = new Set(["beta1", "beta2", "rho"]);

function checked<S extends OptimizerSettings>(settings: S): S {
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value !== "number") continue;
    if (decays.has(name) ? !(value >= 0 && value < 1) : !(value >= 0 && value < Infinity)) {
      throw new ArgminError(
        "value/invalid",
        `The ${name} of ${settings.kind} must be ${decays.has(name) ? "at least 0 and below 1" : "a finite number, at least 0"}, not ${value}.`,
      );
    }
  }
  return Object.freeze(settings);
}
