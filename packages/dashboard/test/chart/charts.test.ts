import { adaptiveTheme, darkTheme, lightTheme, pictureText } from "@argmin/pictures";
import { textProblems } from "@argmin/pictures/testing";
import { analyzeTrials, compileSpace, hp, type Space } from "@argmin/search";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chartsOfStudy, withHeading, type ChartedStudy, type ChartedTrial } from "@argmin/dashboard";
import { fitApart } from "../../src/chart/option-labels.ts";
import { numberWords } from "../../src/scale/words.ts";
import { networkSpace, studyOf, wideSpace, wordySpace } from "./studies.ts";

/** Every chart is a whole picture with readable texts, or says in a sentence why it is none. Returns the names of those drawn. */
function expectCharts(study: ChartedStudy): readonly string[] {
  const charts = chartsOfStudy(study, { theme: lightTheme });
  expect(new Set(charts.map(({ name }) => name)).size).toBe(charts.length);
  return charts.flatMap((chart) => {
    const { name, note, content } = chart;
    if (note !== undefined) expect(note).toMatch(/^[A-Z\d].*\.$/);
    if (content.kind === "nothing") {
      expect(content.why).toMatch(/^[A-Z].*\.$/);
      return [];
    }
    // Throws at a number that is none.
    expect([name, ...(/ (?:width|height)="-[^"]*"/.exec(pictureText(content.picture, lightTheme)) ?? [])]).toEqual([name]);
    expect([name, ...textProblems(withHeading(chart, { theme: lightTheme })!)]).toEqual([name]);
    return [name];
  });
}

/** What the marks of each chart say when they are pointed at. */
function titlesOf(study: ChartedStudy): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    chartsOfStudy(study, { theme: lightTheme }).map(({ name, content }) => {
      const text = content.kind === "picture" ? pictureText(content.picture, lightTheme) : "";
      return [name, [...text.matchAll(/<title>(.*?)<\/title>/gs)].map(([, title]) => title!)];
    }),
  );
}

const all = [
  "history",
  "importance",
  "scatter-matrix",
  "slices",
  "contours",
  "parallel-coordinates",
  "learning-curves",
  "timeline",
  "outcomes",
];

function studyWith(space: Space, trials: readonly ChartedTrial[], more: Partial<ChartedStudy> = {}): ChartedStudy {
  const { direction = "minimize" } = more;
  return { space, trials, reports: [], analysis: analyzeTrials(space, trials, { direction }), ...more, direction };
}

describe("charts", () => {
  it("draw a study of every kind of trial, in either direction", () => {
    expect(expectCharts(studyOf({ trials: 50 }))).toEqual(all);
    expect(expectCharts(studyOf({ trials: 50, direction: "minimize" }))).toEqual(all);
  });

  it("draw the published space", () => {
    expect(expectCharts(studyOf({ trials: 30, space: wideSpace }))).toEqual(all);
  });

  it.each([1, 2, 3, 7])("draw a study of %i trials", (trials) => {
    expect(expectCharts(studyOf({ trials, isTame: true }))).toEqual(
      expect.arrayContaining(["history", "scatter-matrix", "timeline", "outcomes"]),
    );
  });

  it("say that there is nothing yet", () => {
    expect(expectCharts(studyOf({ trials: 0 }))).toEqual([]);
    expect(expectCharts(studyWith(compileSpace({}), []))).toEqual([]);
  });

  it("draw what there is of a study without a single result", () => {
    const failed = (number: number): ChartedTrial => ({
      number,
      state: "failed",
      assignment: {},
      error: { message: "" },
      startedAt: 5,
      finishedAt: 5,
      worker: "here",
    });
    expect(expectCharts(studyWith(networkSpace, [failed(0), failed(1)]))).toEqual(["timeline", "outcomes"]);
    expect(expectCharts(studyWith(networkSpace, [{ number: 0, state: "waiting", assignment: {} }]))).toEqual(["outcomes"]);
  });

  it("bear values that nobody expects", () => {
    const values = [0, -0, 1e308, -1e308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, 1, 1, 2, 3];
    const space = compileSpace({ x: hp.normal(0, 1), y: hp.lognormal(0, 3), only: hp.choice(["one"]) });
    const trials = values.map((value, number): ChartedTrial => ({
      number: number * 1000,
      state: "complete",
      value,
      assignment: { x: number === 3 ? 1e12 : number / 10, y: 10 ** number, only: 0, gone: 7 },
    }));
    const reports = values.map((value, i) => ({ number: 0, step: i * 1000, phase: "", metrics: { loss: value } }));
    expect(expectCharts(studyWith(space, trials, { reports }))).toEqual(
      expect.arrayContaining(["history", "scatter-matrix", "slices", "learning-curves"]),
    );
    expect(expectCharts(studyWith(space, trials, { reports, direction: "maximize" }))).toContain("history");
  });

  it("draw names and reasons of any length, and many options", () => {
    const options = Array.from({ length: 40 }, (_, i) => `an option with the long name number ${i}`);
    const space = compileSpace(
      Object.fromEntries(
        Array.from({ length: 18 }, (_, i) => [`a_parameter_with_a_very_long_name_${i}`.repeat(1 + (i % 3)), hp.choice(options)]),
      ),
    );
    const trials = Array.from({ length: 12 }, (_, number): ChartedTrial => ({
      number,
      ...(number === 4
        ? { state: "failed", error: { message: "what went wrong is told at length ".repeat(20) } }
        : { state: "complete", value: number }),
      assignment: Object.fromEntries(space.parameters.map(({ label }, i) => [label, (number * i) % 40])),
      startedAt: number * 1000,
      finishedAt: number * 1000 + 10 ** number / 1000,
      worker: `${"a-machine-with-a-long-name".repeat(3)}/${number}/1`,
    }));
    expect(expectCharts(studyWith(space, trials, { result: "a result that has a long name ".repeat(5) }))).toEqual(
      expect.arrayContaining(["importance", "scatter-matrix", "parallel-coordinates", "timeline", "outcomes"]),
    );
  });

  it("leave plots their room beside long names of few options", () => {
    const study = studyOf({ trials: 80, space: wordySpace });
    expect(expectCharts(study)).toEqual(expect.arrayContaining(["scatter-matrix", "slices", "contours", "parallel-coordinates"]));
    const contours = chartsOfStudy(study, { theme: lightTheme }).find(({ name }) => name === "contours")!;
    expect(contours.content.kind === "picture" && textProblems(contours.content.picture)).toEqual([]);
  });

  it("tell options apart whose long names begin alike", () => {
    const style = { size: 11 };
    const one = "/data/images/cifar-100-coarse/train.bin";
    const other = "/data/images/cifar-10/train.bin";
    expect(fitApart([one, other, "s3://b"], [500, 500, 500], style)).toEqual([one, other, "s3://b"]);
    expect(fitApart([one, other, "s3://b"], [80, 90, 90], style)).toEqual(["…100-coarse…", "…10/train.bin", "s3://b"]);
    expect(fitApart([one, "s3://b"], [80, 90], style)).toEqual(["/data/images…", "s3://b"]);
    expect(fitApart([one, one], [80, 80], style)).toEqual(["/data/images…", "/data/images…"]);
  });

  it("bear any mixture of trials", () => {
    const trial = fc.record({
      state: fc.constantFrom("waiting", "running", "paused", "complete", "pruned", "failed"),
      value: fc.option(fc.double(), { nil: undefined }),
      rate: fc.option(fc.double({ min: 1e-3, max: 1, noNaN: true }), { nil: undefined }),
      startedAt: fc.option(fc.nat(), { nil: undefined }),
      span: fc.option(fc.nat(), { nil: undefined }),
    });
    const space = compileSpace({ rate: hp.float(1e-3, 1, { log: true }), size: hp.int(1, 5) });
    fc.assert(
      fc.property(fc.array(trial, { maxLength: 15 }), fc.constantFrom("minimize", "maximize"), (mixture, direction) => {
        const trials = mixture.map(({ state, value, rate, startedAt, span }, number): ChartedTrial => ({
          number,
          state,
          assignment: { ...(rate === undefined ? {} : { rate }), size: 1 + (number % 5) },
          ...(value === undefined ? {} : { value }),
          ...(startedAt === undefined ? {} : { startedAt }),
          ...(startedAt === undefined || span === undefined ? {} : { finishedAt: startedAt + span }),
        }));
        expectCharts(studyWith(space, trials, { direction }));
      }),
      { numRuns: 25 },
    );
  });

  it("stay small when trials are many, and say what was left out", () => {
    const few = studyOf({ trials: 60 });
    const { trials } = few;
    const many = Array.from({ length: 20_000 }, (_, number): ChartedTrial => {
      const model = trials[number % trials.length]!;
      const startedAt = 1000 * number;
      return {
        ...model,
        number,
        startedAt,
        finishedAt: startedAt + 2000,
        ...(model.value === undefined ? {} : { value: model.value + number / 1e6 }),
      };
    });
    const reports = many.flatMap(({ number }) =>
      [0, 1, 2].map((step) => ({ number, step, phase: "", metrics: { fineAccuracy: number / (step + 1) } })),
    );
    const charts = chartsOfStudy({ ...few, trials: many, reports }, { theme: lightTheme });
    const sizes = charts.map(
      ({ name, content }) => [name, content.kind === "picture" ? pictureText(content.picture, lightTheme).length : 0] as const,
    );
    expect(sizes.filter(([, size]) => size > 300_000)).toEqual([]);
    const noteOf = (wanted: string): string | undefined => charts.find(({ name }) => name === wanted)?.note;
    for (const name of ["history", "scatter-matrix", "slices", "contours", "parallel-coordinates"])
      expect(noteOf(name)).toMatch(/Of 1\d,\d{3} trials/);
    expect(noteOf("learning-curves")).toContain("Of 20,000 curves 300 are drawn");
    expect(noteOf("timeline")).toContain("too short to be told apart");
  });

  it("say of each mark and line which trial it is, and with what value, where they can be told apart", () => {
    const study = studyOf({ trials: 60 });
    const complete = study.trials.filter(({ state, value }) => state === "complete" && Number.isFinite(value));
    const titles = titlesOf(study);
    for (const { number } of complete)
      for (const name of [
        "history",
        "scatter-matrix",
        "slices",
        "contours",
        "parallel-coordinates",
        "learning-curves",
        "timeline",
      ])
        expect(titles[name]!.filter((title) => title.startsWith(`trial ${number}: `)).length, name).toBeGreaterThan(0);
    const failed = study.trials.find(({ state }) => state === "failed")!;
    expect(titles["history"]).toContain(`trial ${failed.number}: failed (${failed.error!.message})`);
    const [best] = complete.toSorted((a, b) => b.value! - a.value!);
    expect(titles["scatter-matrix"]!.filter((title) => title.startsWith(`trial ${best!.number}: `)).join("\n")).toContain(
      `trial ${best!.number}: ${numberWords(best!.value!, 4)}, use_BN = ${best!.assignment["use_BN"] === 1}`,
    );
    const many = titlesOf(studyOf({ trials: 2500, isTame: true, epochs: 1 }));
    for (const name of ["history", "scatter-matrix", "slices"]) expect(many[name]).toEqual([]);
    expect(many["parallel-coordinates"]!.length).toBe(400);
  });

  it("have every text whole in the report, too, which leaves no margin around them", () => {
    for (const study of [studyOf({ trials: 60 }), studyOf({ trials: 60, space: wideSpace, direction: "minimize" })])
      for (const { name, content } of chartsOfStudy(study, { theme: lightTheme }))
        expect([name, ...(content.kind === "picture" ? textProblems(content.picture) : [])]).toEqual([name]);
  });

  it("say on which side results lie that are drawn at the edge", () => {
    const noteOf = (direction: "minimize" | "maximize"): string | undefined =>
      chartsOfStudy(studyOf({ trials: 60, direction }), { theme: lightTheme }).find(({ name }) => name === "history")!.note;
    expect(noteOf("maximize")).toMatch(/^1 result below [\d.]+ is drawn at the lower edge\.$/);
    expect(noteOf("minimize")).toMatch(/^1 result above [\d.]+ is drawn at the upper edge\.$/);
  });

  it("are the same picture in each theme, and take no colour but the theme's", () => {
    const study = studyOf({ trials: 40 });
    const shapes = [lightTheme, darkTheme, adaptiveTheme].map((theme) =>
      chartsOfStudy(study, { theme }).map(({ content }) =>
        content.kind === "picture" ? pictureText(content.picture, theme).replaceAll(/var\([^)]*\)|#[\da-f]{6}/g, "colour") : "",
      ),
    );
    expect(shapes[1]).toEqual(shapes[0]);
    expect(shapes[2]).toEqual(shapes[0]);
    const adaptive = chartsOfStudy(study, { theme: adaptiveTheme }).map(({ content }) =>
      content.kind === "picture" ? pictureText(content.picture, adaptiveTheme).replaceAll(/var\([^)]*\)/g, "") : "",
    );
    expect(adaptive.join("")).not.toMatch(/#[\da-f]{3}/);
  });
});
