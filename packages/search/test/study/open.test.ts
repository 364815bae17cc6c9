import { isArgminError, type ArgminError } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { compileSpace, createStudy, hp, livenessOf, loadOrCreate, MemoryStorage, openStudy } from "../../src/index.ts";

const space = { lr: hp.float(1e-4, 1, { log: true }), layers: hp.choice([1, 2, 3]) };

describe("creating and opening studies", () => {
  it("fills in what is left out, and draws a seed that is kept", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space });
    expect(study.definition).toMatchObject({
      name: "study",
      direction: "minimize",
      sampler: { name: "auto", settings: { startUpTrials: 10, failed: "bad" } },
      duplicates: "avoid",
      retries: 3,
      space: compileSpace(space).toJson(),
    });
    const again = await openStudy({ storage, space });
    expect(again.seed).toBe(study.seed);
    expect(again.definition).toEqual(study.definition);
  });

  it("refuses a second study of the name, and an unknown one by naming those there are", async () => {
    const storage = new MemoryStorage();
    await createStudy({ storage, space, name: "first" });
    expect((await refusal(createStudy({ storage, space, name: "first" }))).code).toBe("study/exists");
    const missing = await refusal(openStudy({ storage, name: "second" }));
    expect(missing.code).toBe("study/missing");
    expect(missing.message).toMatch(/no study "second" in memory; it has "first"/);
    expect((await refusal(openStudy({ storage: new MemoryStorage() }))).message).toMatch(/it has none/);
  });

  it("opens without a space what was created with one", async () => {
    const storage = new MemoryStorage();
    const created = await createStudy({ storage, space, seed: 3 });
    await created.optimize(({ lr }) => lr, { trials: 3 });
    const opened = await openStudy({ storage });
    expect((await opened.trials()).map(({ params }) => params)).toEqual((await created.trials()).map(({ params }) => params));
    const trial = await opened.ask();
    expect(Object.keys(trial.assignment).toSorted()).toEqual(["layers", "lr"]);
  });

  it("takes a compiled space, and any text as a seed", async () => {
    const study = await createStudy({ space: compileSpace(space), seed: "any text" });
    expect((await study.ask()).params.lr).toBeGreaterThan(0);
  });

  it("loads a study that is there, also when several do so at once", async () => {
    const storage = new MemoryStorage();
    const studies = await Promise.all([1, 2, 3].map(() => loadOrCreate({ storage, space, seed: 1 })));
    expect(new Set(studies.map((study) => study.definition.id)).size).toBe(1);
    expect(await storage.listStudies()).toHaveLength(1);
  });

  it("finds the study that another process created a moment ago", async () => {
    const storage = new MemoryStorage();
    const find = storage.findStudy.bind(storage);
    let calls = 0;
    storage.findStudy = async (name) => {
      if (calls++ > 0) return find(name);
      await createStudy({ storage, space, seed: 1 });
      return undefined;
    };
    expect((await loadOrCreate({ storage, space, seed: 1 })).seed).toBe(1);
  });

  describe("refuses other settings than those the study was created with, and says which:", () => {
    const settings = { space, seed: 1, direction: "minimize", sampler: "random", duplicates: "avoid", retries: 2 } as const;
    const changes: readonly (readonly [object, RegExp])[] = [
      [{ seed: 2 }, /seed 1, not 2/],
      [{ seed: "1" }, /seed 1, not "1"/],
      [{ direction: "maximize" }, /direction "minimize", not "maximize"/],
      [{ sampler: "grid", space: { a: hp.choice([1, 2]) } }, /its space has no 'a'; sampler .*"random".*, not .*"grid"/],
      [{ duplicates: "allow" }, /duplicates "avoid", not "allow"/],
      [{ retries: 5 }, /retries 2, not 5/],
      [{ space: { ...space, momentum: hp.uniform(0, 1) } }, /its space has no 'momentum'/],
      [{ space: { lr: space.lr } }, /its space has a parameter 'layers'/],
      [{ space: { ...space, lr: hp.uniform(0, 1) } }, /'lr' was .*1.* now it is .*uniform\(0, 1\)/],
      [{ space: { ...space, layers: hp.choice([1, 2]) } }, /'layers' was .* now it is /],
      [{ space: [space.lr, space.layers] }, /its space has/],
      [{ space: { lr: space.lr, layers: space.layers, constant: 1 } }, /its space has another structure/],
      [{ space: undefined }, /it has a space, now trials are to ask/],
    ];

    it.each(changes)("%o", async (change, says) => {
      const storage = new MemoryStorage();
      await createStudy({ ...settings, storage });
      const error = await refusal(loadOrCreate({ ...settings, storage, ...change }));
      expect(error.code).toBe("study/mismatch");
      expect(error.message).toMatch(says);
      expect(error.message).toMatch(/^The study "study" in memory was started with other settings: .* choose another name\.$/);
    });

    it("a space where its trials asked for parameters", async () => {
      const storage = new MemoryStorage();
      await createStudy({ storage });
      expect((await refusal(openStudy({ storage, space }))).message).toMatch(
        /its trials ask for their parameters, now there is a space/,
      );
    });
  });

  /** What the types forbid and a program without them gives all the same. */
  const fromJson: readonly object[] = JSON.parse(
    `[{"direction": "min"}, {"direction": null}, {"duplicates": "never"}, {"name": 5}, {"retries": "3"}, {"retries": 0.5},
      {"seed": {}}, {"seed": null}, {"sampler": 3}, {"sampler": null}, {"sampler": {"settings": {}}}, {"leaseMs": "soon"}, {"worker": 7}]`,
  );

  it.each([
    { name: "" },
    { name: "a\nb" },
    { name: "x".repeat(201) },
    { seed: Number.NaN },
    { retries: -1 },
    { leaseMs: 0 },
    { sampler: "nobody" },
    ...fromJson,
  ])("refuses what no study can have: %o", async (settings) => {
    const storage = new MemoryStorage();
    expect((await refusal(createStudy({ storage, space, ...settings }))).code).toBe("value/invalid");
    expect(await storage.listStudies()).toEqual([]);
  });

  it("says what is wrong with a direction", async () => {
    const settings: { readonly direction: "minimize" } = JSON.parse('{"direction": "min"}');
    expect((await refusal(createStudy({ space, ...settings }))).message).toBe(
      "The direction of a study is 'min'; wanted one of minimize, maximize.",
    );
  });

  it("does not guess at a duplicate policy that a newer version wrote", async () => {
    const storage = new MemoryStorage();
    const { definition } = await createStudy({ space });
    await storage.createStudy({ ...definition, duplicates: "ponder" });
    expect((await refusal(openStudy({ storage }))).code).toBe("storage/newer");
  });

  it("lets one of several take a study's last step", async () => {
    const storage = new MemoryStorage();
    const [first, second] = [await createStudy({ storage, space }), await openStudy({ storage })];
    const taken = { by: first.worker };
    expect(await first.replaceAttribute("report", undefined, taken)).toBe(true);
    expect(await second.replaceAttribute("report", undefined, { by: second.worker })).toBe(false);
    expect([livenessOf(first.worker), first.worker === second.worker]).toEqual(["alive", false]);
    expect(await second.replaceAttribute("report", taken, { by: second.worker })).toBe(true);
  });

  it("keeps documents with the study", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space });
    await study.setAttribute("result", { test: 0.99 });
    expect(await (await openStudy({ storage })).attributes()).toEqual({ result: { test: 0.99 } });
  });
});

async function refusal(promise: Promise<unknown>): Promise<ArgminError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (isArgminError(error)) return error;
  throw error ?? new Error("nothing was refused");
}
