import { expectTypeOf, it } from "vitest";
import {
  compileSpace,
  createStudy,
  hp,
  loadOrCreate,
  minimize,
  openStudy,
  type DefineByRunStudy,
  type FlatValues,
  type MemoryStorage,
  type RequestingTrial,
  type Study,
} from "../../src/index.ts";

// Never called: what is tested is that it compiles, and to what.
export async function inferred(storage: MemoryStorage): Promise<void> {
  const space = {
    lr: hp.float(0, 1),
    optimizer: hp.choice([{ kind: "sgd", momentum: hp.uniform(0, 1) }, { kind: "adam" }]),
  };
  const study = await createStudy({ space });
  const { params } = await study.ask();
  expectTypeOf(params.lr).toBeNumber();
  expectTypeOf(params.optimizer.kind).toEqualTypeOf<"sgd" | "adam">();
  if (params.optimizer.kind === "sgd") expectTypeOf(params.optimizer.momentum).toBeNumber();
  // @ts-expect-error: a parameter of the other option
  if (params.optimizer.kind === "adam") expectTypeOf(params.optimizer.momentum).toBeNumber();

  expectTypeOf((await (await loadOrCreate({ space: compileSpace(space) })).ask()).params.lr).toBeNumber();
  expectTypeOf(await createStudy({ space: compileSpace({ a: hp.int(1, 3) }) })).toEqualTypeOf<Study<{ readonly a: number }>>();
  expectTypeOf(await createStudy()).toEqualTypeOf<DefineByRunStudy>();
  expectTypeOf((await (await openStudy({ storage })).ask()).params).toBeUnknown();

  const result = await minimize({ space: { a: hp.choice([1, 2]) }, objective: ({ a }) => a, trials: 1 });
  expectTypeOf(result.best.params).toEqualTypeOf<{ readonly a: 1 | 2 }>();
  expectTypeOf(result.best.value).toBeNumber();

  const asked = await minimize({
    objective: (trial) => {
      expectTypeOf(trial).toEqualTypeOf<RequestingTrial>();
      expectTypeOf(trial.suggestCategorical("c", ["a", "b"])).toEqualTypeOf<"a" | "b">();
      return trial.suggestFloat("x", 0, 1);
    },
    trials: 1,
  });
  expectTypeOf(asked.best.params).toEqualTypeOf<FlatValues>();
}

it("is checked by the compiler", () => {
  expectTypeOf(inferred).toBeFunction();
});
