import { ArgminError } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { fromFailure, parseAnswer, parseOrder, toCostLines, toFailure, toJson } from "../../src/execution/messages.ts";

describe("messages between processes", () => {
  it("are read back as they were sent, without what does not belong to them", () => {
    const order = { kind: "evaluate", task: 1, seed: 2, number: 3, assignment: { x: 0.5 }, judged: true };
    expect(parseOrder({ ...order, extra: true })).toEqual(order);
    const report = { kind: "report", task: 1, report: 4, step: 2, metrics: { loss: Number.NaN }, of: undefined, phase: "fold 1" };
    expect(parseAnswer(report)).toEqual(report);
  });

  it.each([
    [null, "order should be an object"],
    [{ kind: "dance" }, 'order.kind should be prepare or evaluate or verdict or finish or estimate or retrain, not "dance"'],
    [{ kind: "evaluate", task: "1" }, "order.task should be a number"],
    [{ kind: "evaluate", task: 1, seed: 2, number: 3, assignment: { x: "a" } }, "order.assignment.x should be a number"],
    [{ kind: "prepare", reference: { kind: "file" }, device: "cpu", threads: 1 }, "order.reference.path should be a text"],
  ])("are refused if they are none: %j", (message, problem) => {
    expect(() => parseOrder(message)).toThrow(problem);
  });
});

describe("an estimate on its way between processes", () => {
  it("is a list of costs or refused", () => {
    expect(toCostLines(undefined)).toEqual([]);
    for (const value of [5, [{ key: "a", label: "a", unit: "count" }]])
      expect(() => toCostLines(value)).toThrow(/^What the estimate returned is no list of costs: lines/);
  });
});

describe("errors on their way between processes", () => {
  it("keep their code, message and stack", () => {
    const error = new ArgminError("data/missing", "There is no data.");
    expect(fromFailure(toFailure(error))).toMatchObject({
      code: "data/missing",
      message: "There is no data.",
      stack: error.stack,
    });
    expect(fromFailure(toFailure(new TypeError("oh")))).toMatchObject({ code: "objective/failed", message: "oh" });
    expect(fromFailure(toFailure("thrown text"))).toMatchObject({ code: "objective/failed", message: "thrown text" });
  });
});

describe("results on their way between processes", () => {
  it("are JSON, in the order in which they were written", () => {
    expect(JSON.stringify(toJson({ b: 1, a: [null, "x"] }, "The result"))).toBe('{"b":1,"a":[null,"x"]}');
    expect(toJson(undefined, "The result")).toEqual({});
  });

  it.each([[{ a: Number.NaN }], [{ a: () => 1 }], [{ a: 10n }], [[1, 2]], ["text"]])("are refused otherwise", (value) => {
    expect(() => toJson(value, "The result of finish")).toThrow(/^The result of finish cannot be kept: /);
  });
});
