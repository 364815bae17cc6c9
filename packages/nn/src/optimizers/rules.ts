import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import type { Decayed, OptimizerKind, OptimizerSettings } from "./optimizer.ts";

/**
 * @file The update rule of each optimizer, as graph operators on weights of any shape. The rules and their constants are Keras
 * 3's, rearranged to pass over the weights as seldom as possible: a decaying mean m' = βm + (1 - β)g is kept as the sum
 * m / (1 - β), which saves a multiplication, and all factors that are one number a step are worked out on the host in float64.
 * The graph depends on the optimizer's kind and flags alone, so that no number (a learning rate, a decay) compiles it anew.
 */

type SettingsOf<K extends OptimizerKind> = Extract<OptimizerSettings, { readonly kind: K }>;

export interface OptimizerRule<S extends OptimizerSettings> {
  /** What is kept between steps, each of the weights' shape and zero at first. */
  readonly slots: (settings: S) => readonly string[];
  /** The decays that slots are kept in units of: with others they would mean something else. */
  readonly units: (settings: S) => Readonly<Record<string, number>>;
  /** How many numbers a step takes. */
  readonly scalarCount: number;
  /** The numbers of a step; `step` is 1 for the first. */
  readonly scalars: (settings: S, learningRate: number, step: number) => readonly number[];
  readonly update: (settings: S, builder: GraphBuilder, weights: WeightsToUpdate) => UpdatedWeights;
}

export interface WeightsToUpdate {
  readonly weight: Value;
  readonly gradient: Value;
  /** In the order of the rule's slots. */
  readonly slots: readonly Value[];
  /** In the order of the rule's scalars, each of one element. */
  readonly scalars: readonly Value[];
  /** Whether these weights decay, if the rule has them do it; of some alone, 1 for those and 0 for the others. */
  readonly decayed: boolean | Value;
}

export interface UpdatedWeights {
  readonly weight: Value;
  readonly slots: readonly Value[];
}

/** Means of the gradients and of their squares. */
const adaptiveMoments = {
  slots: (): readonly string[] => ["momentum", "velocity"],
  units: ({ beta1, beta2 }: { readonly beta1: number; readonly beta2: number }) => ({ beta1, beta2 }),
};

const rules: { readonly [K in OptimizerKind]: OptimizerRule<SettingsOf<K>> } = {
  // With g' = g + λw: m' = μm - ηg'; w' = w + m', or with Nesterov w + μm' - ηg'.
  sgd: {
    slots: ({ momentum }) => (momentum === 0 ? [] : ["momentum"]),
    units: () => ({}),
    scalarCount: 3,
    scalars: ({ momentum, weightDecay }, learningRate) => [learningRate, momentum, weightDecay],
    update: ({ nesterov, weightDecay }, builder, { weight, gradient, slots: [momentum], scalars, decayed }) => {
      const { op } = builder;
      const [rate, decay, share] = scalars;
      const pull = weightDecay === 0 ? undefined : decayedPart(builder, op.Mul(weight, share!), decayed);
      const descent = op.Mul(pull === undefined ? gradient : op.Add(gradient, pull), rate!);
      if (momentum === undefined) return { weight: op.Sub(weight, descent), slots: [] };
      const next = op.Sub(op.Mul(momentum, decay!), descent);
      const change = nesterov ? op.Sub(op.Mul(next, decay!), descent) : next;
      return { weight: op.Add(weight, change), slots: [next] };
    },
  },
  adam: {
    ...adaptiveMoments,
    scalarCount: 4,
    scalars: adamScalars,
    update: (_settings, builder, weights) => adamUpdate(builder, weights, weights.weight),
  },
  // w' = (w - ηλw) - Adam's change.
  adamw: {
    ...adaptiveMoments,
    scalarCount: 5,
    scalars: (settings, learningRate, step) => [
      ...adamScalars(settings, learningRate, step),
      learningRate * settings.weightDecay,
    ],
    update: (_settings, builder, weights) => {
      const { weight, scalars, decayed } = weights;
      const { op } = builder;
      const pull = decayedPart(builder, op.Mul(weight, scalars[4]!), decayed);
      return adamUpdate(builder, weights, pull === undefined ? weight : op.Sub(weight, pull));
    },
  },
  // u' = max(β2 u, |g|); w' = w - η / (1 - β1^t) · m / (u + ε).
  adamax: {
    slots: () => ["momentum", "norm"],
    units: ({ beta1 }) => ({ beta1 }),
    scalarCount: 4,
    scalars: ({ beta1, beta2, epsilon }, learningRate, step) => [
      beta1,
      beta2,
      epsilon,
      (learningRate * (1 - beta1)) / (1 - beta1 ** step),
    ],
    update: (_settings, builder, { weight, gradient, slots, scalars: [beta1, beta2, epsilon, rate] }) => {
      const { op } = builder;
      const momentum = decayingSum(builder, slots[0]!, beta1!, gradient);
      const norm = op.Max(op.Mul(slots[1]!, beta2!), op.Abs(gradient));
      const direction = op.Div(momentum, op.Add(norm, epsilon!));
      return { weight: op.Sub(weight, op.Mul(direction, rate!)), slots: [momentum, norm] };
    },
  },
  // With u(t) = β1 (1 - 0.96^t / 2) and U(t) = u(1) ... u(t):
  // m̂ = u(t+1) m / (1 - U(t+1)) + (1 - u(t)) g / (1 - U(t)); w' = w - η m̂ / (√(v / (1 - β2^t)) + ε).
  nadam: {
    ...adaptiveMoments,
    scalarCount: 5,
    scalars: ({ beta1, beta2, epsilon }, learningRate, step) => {
      const root = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
      const ahead = (learningRate * nadamMomentum(beta1, step + 1) * (1 - beta1)) / (1 - nadamProduct(beta1, step + 1));
      const now = (learningRate * (1 - nadamMomentum(beta1, step))) / (1 - nadamProduct(beta1, step));
      return [beta1, beta2, epsilon / root, ahead / root, now / root];
    },
    update: (_settings, builder, { weight, gradient, slots, scalars: [beta1, beta2, epsilon, ahead, now] }) => {
      const { op } = builder;
      const momentum = decayingSum(builder, slots[0]!, beta1!, gradient);
      const velocity = decayingSum(builder, slots[1]!, beta2!, op.Mul(gradient, gradient));
      const lookahead = op.Add(op.Mul(momentum, ahead!), op.Mul(gradient, now!));
      const change = op.Div(lookahead, op.Add(op.Sqrt(velocity), epsilon!));
      return { weight: op.Sub(weight, change), slots: [momentum, velocity] };
    },
  },
  // w' = w - η g / √(v + ε), v less the squared mean gradient if centred; with momentum these changes pile up in m' = μm + change.
  rmsprop: {
    slots: ({ momentum, centered }) => [
      "velocity",
      ...(centered ? ["averageGradient"] : []),
      ...(momentum > 0 ? ["momentum"] : []),
    ],
    units: ({ rho }) => ({ rho }),
    scalarCount: 5,
    scalars: ({ rho, momentum, epsilon }, learningRate) => [
      rho,
      epsilon / (1 - rho),
      learningRate / Math.sqrt(1 - rho),
      1 - rho,
      momentum,
    ],
    update: ({ centered, momentum }, builder, { weight, gradient, slots, scalars: [rho, epsilon, rate, rest, decay] }) => {
      const { op } = builder;
      const velocity = decayingSum(builder, slots[0]!, rho!, op.Mul(gradient, gradient));
      const mean = centered ? decayingSum(builder, slots[1]!, rho!, gradient) : undefined;
      const variance = mean === undefined ? velocity : op.Sub(velocity, op.Mul(op.Mul(mean, mean), rest!));
      const change = op.Mul(op.Div(gradient, op.Sqrt(op.Add(variance, epsilon!))), rate!);
      const pile = momentum > 0 ? decayingSum(builder, slots.at(-1)!, decay!, change) : undefined;
      const kept = [velocity, mean, pile].filter((slot) => slot !== undefined);
      return { weight: op.Sub(weight, pile ?? change), slots: kept };
    },
  },
};

/** For w' = w - η √(1 - β2^t) / (1 - β1^t) · m / (√v + ε). */
function adamScalars(
  { beta1, beta2, epsilon }: Pick<SettingsOf<"adam">, "beta1" | "beta2" | "epsilon">,
  learningRate: number,
  step: number,
): readonly number[] {
  const root = Math.sqrt(1 - beta2);
  const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  return [beta1, beta2, epsilon / root, (rate * (1 - beta1)) / root];
}

/** Adam's change, taken off `start`. */
function adamUpdate(
  builder: GraphBuilder,
  { gradient, slots, scalars: [beta1, beta2, epsilon, rate] }: WeightsToUpdate,
  start: Value,
): UpdatedWeights {
  const { op } = builder;
  const momentum = decayingSum(builder, slots[0]!, beta1!, gradient);
  const velocity = decayingSum(builder, slots[1]!, beta2!, op.Mul(gradient, gradient));
  const direction = op.Div(momentum, op.Add(op.Sqrt(velocity), epsilon!));
  return { weight: op.Sub(start, op.Mul(direction, rate!)), slots: [momentum, velocity] };
}

/** What decay takes off those of the weights that decay; undefined if none does. */
function decayedPart({ op }: GraphBuilder, pull: Value, decayed: boolean | Value): Value | undefined {
  if (typeof decayed === "boolean") return decayed ? pull : undefined;
  return op.Mul(pull, decayed);
}

function decayingSum({ op }: GraphBuilder, sum: Value, decay: Value, addend: Value): Value {
  return op.Add(op.Mul(sum, decay), addend);
}

/** An optimizer's rule with its settings filled in. */
export interface BoundRule {
  readonly slots: readonly string[];
  readonly units: Readonly<Record<string, number>>;
  readonly scalarCount: number;
  /** The slot whose numbers the model has when it is used; undefined for the weights themselves. */
  readonly modelSlot: string | undefined;
  /** Which weights decay, if any do. */
  readonly decayed: Decayed;
  /** Whether it has a momentum that a schedule may set. */
  readonly takesMomentum: boolean;
  /** Writes the numbers of a step; `step` is 1 for the first, and `momentum` that of the settings unless given. */
  readonly writeScalars: (target: Float32Array, learningRate: number, step: number, momentum?: number) => void;
  readonly update: (builder: GraphBuilder, weights: WeightsToUpdate) => UpdatedWeights;
}

/** The rule of an optimizer. */
export function bindRule<K extends OptimizerKind>(settings: SettingsOf<K>): BoundRule {
  const kind: K = settings.kind;
  const rule: OptimizerRule<SettingsOf<K>> = rules[kind];
  return {
    slots: rule.slots(settings),
    units: rule.units(settings),
    scalarCount: rule.scalarCount,
    modelSlot: undefined,
    decayed: "decayed" in settings ? settings.decayed : "kernels",
    takesMomentum: "momentum" in settings && settings.momentum > 0,
    writeScalars: (target, learningRate, step, momentum) => {
      const current = momentum === undefined ? settings : { ...settings, momentum };
      target.set(rule.scalars(current, learningRate, step));
    },
    update: (builder, weights) => rule.update(settings, builder, weights),
  };
}

const NADAM_DECAY = 0.96;

function nadamMomentum(beta1: number, step: number): number {
  return beta1 * (1 - 0.5 * NADAM_DECAY ** step);
}

/** u(1) ... u(t), from a table of the part without β1, which stands still once 0.96^t is lost in rounding. */
function nadamProduct(beta1: number, step: number): number {
  return beta1 ** step * nadamProducts[Math.min(step, nadamProducts.length - 1)]!;
}

const nadamProducts = ((): Float64Array => {
  const products = new Float64Array(1000).fill(1);
  for (let t = 1; t < products.length; t++) products[t] = products[t - 1]! * (1 - 0.5 * NADAM_DECAY ** t);
  return products;
})();
