import { createSampler, distributionOf, hp, SpaceRecorder, spaceFromJson } from "@argmin/search";
import { contextOf } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";

describe("a space that grows as trials ask", () => {
  const recorder = new SpaceRecorder();
  recorder.request("lr", distributionOf(hp.float(1e-5, 1e-1, { log: true })));
  recorder.request("optimizer", distributionOf(hp.choice(["sgd", "adam"])));
  recorder.request("momentum", distributionOf(hp.uniform(0, 1)));

  it("gives each parameter a space of its own, whose sample is the value", () => {
    const single = recorder.request("optimizer", distributionOf(hp.choice(["sgd", "adam"])));
    expect(single.parameters).toHaveLength(1);
    expect(single.decode({ optimizer: 1 })).toBe("adam");
    expect(single.encode("adam")).toEqual({ optimizer: 1 });
  });

  it("has the parameters in the order in which they were asked for", () => {
    expect(recorder.space().parameters.map(({ label, condition }) => [label, condition])).toEqual([
      ["lr", "requested"],
      ["optimizer", "requested"],
      ["momentum", "requested"],
    ]);
  });

  it("has samples of what a trial asked for, by name", () => {
    const space = recorder.space();
    const assignment = { optimizer: 1, lr: 1e-3 };
    expect(space.decode(assignment)).toEqual({ lr: 1e-3, optimizer: "adam" });
    expect(space.describe(assignment)).toEqual({ lr: 1e-3, optimizer: "adam" });
    expect(space.encode({ lr: 1e-3, optimizer: "adam" })).toEqual(assignment);
    expect(space.hash(assignment)).not.toBe(space.hash({ ...assignment, momentum: 0 }));
    space.validate(assignment);
    expect(() => space.validate({ gone: 1 })).toThrow("no parameter 'gone'");
    expect(() => space.encode([])).toThrow("wanted an object of values by label");
    expect(space.size()).toBe(Number.POSITIVE_INFINITY);
  });

  it("draws a parameter as a space defined beforehand would", () => {
    const random = createSampler("random");
    const whole = random.suggest(contextOf(recorder.space(), { number: 4 }));
    for (const { label, distribution } of recorder.space().parameters) {
      const single = recorder.request(label, distribution);
      expect(random.suggest(contextOf(single, { number: 4 }))).toEqual({ [label]: whole[label] });
    }
  });

  it("goes through JSON and on from there", () => {
    const again = new SpaceRecorder(spaceFromJson(JSON.parse(JSON.stringify(recorder.space().toJson()))));
    expect(again.space().toJson()).toEqual(recorder.space().toJson());
    again.request("more", distributionOf(hp.int(1, 2)));
    expect(again.space().parameters).toHaveLength(4);
    expect(recorder.space().parameters).toHaveLength(3);
  });

  it("refuses one name for two distributions", () => {
    const error = expect.objectContaining({ code: "space/duplicate-label" });
    expect(() => recorder.request("lr", distributionOf(hp.float(1e-5, 1)))).toThrow(error);
    expect(() => recorder.request("lr", distributionOf(hp.float(1e-5, 1)))).toThrow(
      "'lr' was hp.float(0.00001, 0.1, { log: true }) before and is now hp.float(0.00001, 1)",
    );
    expect(() => recorder.request("optimizer", distributionOf(hp.choice(["adam", "sgd"])))).toThrow(
      '["sgd","adam"] before and is now',
    );
  });

  it("refuses what cannot be asked for by itself", () => {
    expect(() => recorder.request("", distributionOf(hp.int(1, 2)))).toThrow("cannot have the name");
    expect(() => distributionOf(hp.choice([1, { inner: hp.int(1, 2) }]))).toThrow("holds the parameter '[1].inner'");
    const nested = { kind: "choice", weights: null, options: [{ kind: "parameter", label: "lr" }] } as const;
    expect(() => recorder.request("nested", nested)).toThrow(expect.objectContaining({ code: "space/invalid" }));
    expect(() => recorder.request("range", { kind: "uniform", low: 2, high: 1 })).toThrow("'range': hp.uniform(2, 1)");
    expect(recorder.space().parameters).toHaveLength(3);
  });
});
