import { describe, expect, expectTypeOf, it } from "vitest";
import { createSession, GraphBuilder, optimizer, type OptimizerKind, type OptimizerSettings, type TensorData } from "@argmin/nn";
import { optimizerOf, type AdamSettings } from "../../src/optimizers/optimizer.ts";
import { bindRule } from "../../src/optimizers/rules.ts";
import { compare } from "../check-op.ts";
import { expectClose, optimizerFrom, readFixture } from "../fixtures.ts";

const fixture = readFixture("optimizers.json");

const decays = readFixture("decays.json");

/** A walk: where it starts, the gradient of each step and what its learning rate is multiplied by. */
interface Walk {
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly rates: readonly number[];
}

/** The weights after each step; `decayed` says which of them decay, 1 or 0 for each, or all. */
async function descend(
  settings: OptimizerSettings,
  { start, gradients, rates }: Walk,
  decayed?: readonly number[],
): Promise<readonly Float32Array[]> {
  const rule = bindRule(settings);
  const builder = new GraphBuilder(settings.kind);
  const shape = [start.length];
  const scalars = builder.op.Split(
    builder.input("scalars", "float32", [rule.scalarCount]),
    Array<number>(rule.scalarCount).fill(1),
  );
  const next = rule.update(builder, {
    weight: builder.input("weight", "float32", shape),
    gradient: builder.input("gradient", "float32", shape),
    slots: rule.slots.map((slot) => builder.input(slot, "float32", shape)),
    scalars,
    decayed: decayed === undefined ? true : builder.constant(decayed),
  });
  builder.output("next/weight", next.weight);
  rule.slots.forEach((slot, i) => builder.output(`next/${slot}`, next.slots[i]!));
  const session = await createSession(builder.build());
  let state: Record<string, TensorData> = {
    weight: Float32Array.from(start),
    ...Object.fromEntries(rule.slots.map((slot) => [slot, new Float32Array(start.length)])),
  };
  const trajectory: Float32Array[] = [];
  for (const [i, gradient] of gradients.entries()) {
    const numbers = new Float32Array(rule.scalarCount);
    rule.writeScalars(numbers, settings.learningRate * rates[i]!, i + 1);
    const results = await session.run({ ...state, gradient: Float32Array.from(gradient), scalars: numbers });
    state = Object.fromEntries(Object.keys(state).map((name) => [name, results[`next/${name}`]!]));
    if (state["weight"] instanceof Float32Array) trajectory.push(state["weight"]);
  }
  await session.dispose();
  return trajectory;
}

describe("optimizers go where Keras's go, step by step, with a learning rate that changes", () => {
  for (const { name, kind, options, trajectory } of fixture.cases) {
    it(name, async () => {
      const steps = await descend(optimizerFrom(kind, options), fixture);
      steps.forEach((weights, i) => expectClose(weights, trajectory[i]!, `step ${i + 1}`, 1e-5));
      // The path, not only the place: no step may be off by more than one in a thousand, but for the last two bits of the weights.
      const moves = (path: readonly ArrayLike<number>[]): readonly number[] =>
        path.slice(1).flatMap((weights, i) => Array.from(weights, (weight, j) => weight - path[i]![j]!));
      compare("moves", Float64Array.from(moves(steps)), Float64Array.from(moves(trajectory)), 1e-3, 4e-7);
    });
  }
});

describe("weight decay is PyTorch's", () => {
  for (const { name, kind, options, rates, trajectory } of decays.cases) {
    it(name, async () => {
      const steps = await descend(optimizerFrom(kind, options), { ...decays, rates });
      steps.forEach((weights, i) => expectClose(weights, trajectory[i]!, `step ${i + 1}`, 1e-5));
    });

    it(`${name}: what does not decay goes where it goes without`, async () => {
      const walk = { ...decays, rates };
      const settings = optimizerFrom(kind, options);
      const flags = decays.start.map((_, i) => i % 2);
      const mixed = await descend(settings, walk, flags);
      const all = await descend(settings, walk);
      const without = { ...options, weightDecay: 0 };
      const none = await descend(optimizerFrom(kind, without), walk);
      mixed.forEach((weights, step) =>
        weights.forEach((weight, i) => {
          expect(weight).toBeCloseTo((flags[i] === 1 ? all : none)[step]![i]!, 6);
          if (flags[i] === 1) expect(weight).not.toBe(none[step]![i]!);
        }),
      );
    });
  }
});

describe("settings", () => {
  it("default to Keras's", () => {
    expect(optimizer.sgd()).toEqual({
      kind: "sgd",
      learningRate: 0.01,
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
      decayed: "kernels",
    });
    expect(optimizer.adamw()).toEqual({ ...optimizer.adam(), kind: "adamw", weightDecay: 0.004, decayed: "kernels" });
    expect(optimizer.adam()).toEqual({ kind: "adam", learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
    expect(optimizer.rmsprop()).toEqual({
      kind: "rmsprop",
      learningRate: 0.001,
      rho: 0.9,
      momentum: 0,
      epsilon: 1e-7,
      centered: false,
    });
    expect(optimizerOf("nadam")).toEqual(optimizer.nadam());
    expectTypeOf(optimizer.adam()).toEqualTypeOf<AdamSettings>();
  });

  it("out of range are refused", () => {
    expect(() => optimizer.adam({ beta1: 1 })).toThrow("The beta1 of adam must be at least 0 and below 1, not 1.");
    expect(() => optimizer.sgd({ learningRate: -1 })).toThrow(
      "The learningRate of sgd must be a finite number, at least 0, not -1.",
    );
    expect(() => optimizerOf({ ...optimizer.sgd(), momentum: NaN })).toThrow("momentum of sgd");
    expect(() => optimizer.rmsprop({ momentum: 1.5 })).toThrow("The momentum of rmsprop must be between 0 and 1, not 1.5.");
    // Weights without a gradient would move at the full rate.
    expect(() => optimizer.nadam({ epsilon: 0 })).toThrow("The epsilon of nadam must be a finite number, at least 1e-12, not 0.");
    const { kind }: { kind: OptimizerKind } = JSON.parse('{"kind":"lion"}');
    expect(() => optimizerOf(kind)).toThrow(
      'There is no optimizer "lion"; choose one of sgd, adam, adamw, adamax, nadam, rmsprop.',
    );
  });

  it("of another type or name are refused, and undefined ones left out", () => {
    const adam = (json: string) => () => optimizer.adam(JSON.parse(json));
    expect(adam('{"learningRate":"0.1"}')).toThrow('The learningRate of adam must be a finite number, at least 0, not "0.1".');
    expect(adam('{"learning_rate":0.1}')).toThrow(
      "The optimizer adam has no learning_rate; it has learningRate, beta1, beta2, epsilon.",
    );
    expect(() => optimizer.adamw(JSON.parse('{"decayed":"biases"}'))).toThrow(
      'The decayed of adamw must be "kernels" or "all", not "biases".',
    );
    expect(() => optimizer.sgd({ weightDecay: -1 })).toThrow(
      "The weightDecay of sgd must be a finite number, at least 0, not -1.",
    );
    expect(() => optimizer.sgd(JSON.parse('{"nesterov":1}'))).toThrow("The nesterov of sgd must be a boolean, not 1.");
    const absent: object = { learningRate: undefined, beta1: 0.5 };
    expect(optimizer.adam(absent)).toEqual({ ...optimizer.adam(), beta1: 0.5 });
    expect(() => optimizerOf(JSON.parse("{}"))).toThrow("There is no optimizer undefined; choose");
  });

  it("of Nadam stay right for a hundred thousand steps", () => {
    const { writeScalars, scalarCount } = bindRule(optimizer.nadam());
    const scalars = new Float32Array(scalarCount);
    writeScalars(scalars, 0.001, 100_000);
    // Both products have vanished: η u(t+1) (1 - β1) and η (1 - u(t)), over the root of (1 - β2) / (1 - β2^t).
    const root = Math.sqrt(0.001);
    expectClose(scalars, [0.9, 0.999, 1e-7 / root, (0.001 * 0.9 * 0.1) / root, (0.001 * 0.1) / root], "scalars", 1e-6, 1e-9);
  });
});
