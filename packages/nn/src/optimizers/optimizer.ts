import { ArgminError } from "@argmin/base";

/**
 * What weight decay shrinks: the kernels of layers alone (the default), as regularisers do and most published recipes have it, for
 * small biases and scales of a normalisation make no smoother function; or every weight, as PyTorch and Keras do unless told.
 */
export type Decayed = "kernels" | "all";

/** Stochastic gradient descent, with Keras's kind of momentum. */
export interface SgdSettings {
  readonly kind: "sgd";
  /** Default 0.01. */
  readonly learningRate: number;
  /** Default 0, at most 1. */
  readonly momentum: number;
  /** Look ahead along the momentum (Nesterov, 1983). Default false. */
  readonly nesterov: boolean;
  /** Times the weight, added to its gradient, as in PyTorch: the gradient of an L2 penalty of half of it. Default 0. */
  readonly weightDecay: number;
  /** Default "kernels". */
  readonly decayed: Decayed;
}

interface MomentSettings {
  /** Default 0.001. */
  readonly learningRate: number;
  /** Decay of the mean of the gradients. Default 0.9. */
  readonly beta1: number;
  /** Decay of the mean of their squares (Adamax: of their size). Default 0.999. */
  readonly beta2: number;
  /** Default 1e-7, at least 1e-12. */
  readonly epsilon: number;
}

/** Adam (Kingma and Ba, 2015). */
export interface AdamSettings extends MomentSettings {
  readonly kind: "adam";
}

/** Adam whose weights shrink by a share of their own, apart from the gradient's way (Loshchilov and Hutter, 2019). */
export interface AdamwSettings extends MomentSettings {
  readonly kind: "adamw";
  /** Each step takes this times the learning rate off each weight. Default 0.004, Keras's; PyTorch's is 0.01. */
  readonly weightDecay: number;
  /** Default "kernels". */
  readonly decayed: Decayed;
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
  /** Default 0, at most 1. */
  readonly momentum: number;
  /** Default 1e-7, at least 1e-12, under the root. */
  readonly epsilon: number;
  /** Divide by the deviation rather than the root of the mean square. Default false. */
  readonly centered: boolean;
}

/** An optimizer is plain data; `optimizer.adam()` and its like fill in Keras's defaults. */
export type OptimizerSettings = SgdSettings | AdamSettings | AdamwSettings | AdamaxSettings | NadamSettings | RmspropSettings;
export type OptimizerKind = OptimizerSettings["kind"];

type Options<S extends OptimizerSettings> = Partial<Omit<S, "kind">>;

const moments = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

const defaults: { readonly [K in OptimizerKind]: Extract<OptimizerSettings, { readonly kind: K }> } = {
  sgd: { kind: "sgd", learningRate: 0.01, momentum: 0, nesterov: false, weightDecay: 0, decayed: "kernels" },
  adam: { kind: "adam", ...moments },
  adamw: { kind: "adamw", ...moments, weightDecay: 0.004, decayed: "kernels" },
  adamax: { kind: "adamax", ...moments },
  nadam: { kind: "nadam", ...moments },
  rmsprop: { kind: "rmsprop", learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
};

/**
 * All optimizers with Keras's defaults: `optimizer.adam({ learningRate: 0.01 })`. Each throws `value/invalid` for a setting that it
 * does not have or that is out of range.
 */
export const optimizer = Object.freeze({
  sgd: (options: Options<SgdSettings> = {}): SgdSettings => settle<SgdSettings>(defaults.sgd, options),
  adam: (options: Options<AdamSettings> = {}): AdamSettings => settle<AdamSettings>(defaults.adam, options),
  adamw: (options: Options<AdamwSettings> = {}): AdamwSettings => settle<AdamwSettings>(defaults.adamw, options),
  adamax: (options: Options<AdamaxSettings> = {}): AdamaxSettings => settle<AdamaxSettings>(defaults.adamax, options),
  nadam: (options: Options<NadamSettings> = {}): NadamSettings => settle<NadamSettings>(defaults.nadam, options),
  rmsprop: (options: Options<RmspropSettings> = {}): RmspropSettings => settle<RmspropSettings>(defaults.rmsprop, options),
});

/** The settings of an optimizer, which may be given by its name. @throws ArgminError `value/invalid` if there is none such. */
export function optimizerOf(given: OptimizerSettings | OptimizerKind): OptimizerSettings {
  const kind: unknown = typeof given === "object" ? given?.kind : given;
  if (typeof kind !== "string" || !isKind(kind)) {
    throw new ArgminError(
      "value/invalid",
      `There is no optimizer ${JSON.stringify(kind)}; choose one of ${Object.keys(defaults).join(", ")}.`,
    );
  }
  return settle(defaults[kind], typeof given === "object" ? given : {});
}

function isKind(name: string): name is OptimizerKind {
  return Object.hasOwn(defaults, name);
}

interface Range {
  readonly holds: (value: unknown) => boolean;
  readonly text: string;
}

function number(holds: (value: number) => boolean, text: string): Range {
  return { holds: (value) => typeof value === "number" && holds(value), text };
}

const decay = number((value) => value >= 0 && value < 1, "at least 0 and below 1");
const finite = number((value) => value >= 0 && value < Infinity, "a finite number, at least 0");

const ranges: Readonly<Record<string, Range>> = {
  learningRate: finite,
  momentum: number((value) => value >= 0 && value <= 1, "between 0 and 1"),
  beta1: decay,
  beta2: decay,
  rho: decay,
  // Without it a weight that has had no gradient would move as far as one that has.
  epsilon: number((value) => value >= 1e-12 && value < Infinity, "a finite number, at least 1e-12"),
  weightDecay: finite,
  decayed: { holds: (value) => value === "kernels" || value === "all", text: '"kernels" or "all"' },
};

/** The defaults with what is given in their place; what is undefined is not given. */
function settle<S extends OptimizerSettings>(standard: S, options: Partial<S>): S {
  const given = { ...options };
  const known = new Map<string, unknown>(Object.entries(standard));
  for (const [name, value] of Object.entries(options)) {
    if (!known.has(name)) {
      const names = [...known.keys()].filter((key) => key !== "kind").join(", ");
      throw new ArgminError("value/invalid", `The optimizer ${standard.kind} has no ${name}; it has ${names}.`);
    }
    if (value === undefined) Reflect.deleteProperty(given, name);
    else checkSetting(`The ${name} of ${standard.kind}`, value, known.get(name), ranges[name]);
  }
  const settings: S = { ...standard, ...given };
  Object.freeze(settings);
  return settings;
}

function checkSetting(what: string, value: unknown, standard: unknown, range: Range | undefined): void {
  if (typeof value === typeof standard && (range === undefined || range.holds(value))) return;
  throw new ArgminError("value/invalid", `${what} must be ${range?.text ?? `a ${typeof standard}`}, not ${shown(value)}.`);
}

function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
}
