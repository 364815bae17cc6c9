import { adaptiveTheme, darkTheme, inTheme, pictureText } from "@argmin/pictures";
import { analyzeTrials, compileSpace, hp } from "@argmin/search";
import { chartsOfStudy, reportPage, type ChartedTrial } from "@argmin/dashboard";
import { describe, expect, it } from "vitest";
import { studyOf, wordySpace } from "../chart/studies.ts";
import { clippedChart, reportOf } from "./reports.ts";

/** The text of a page as a reader sees it. */
function words(page: string): string {
  return page
    .replace(/<(style|script|svg)\b.*?<\/\1>/gs, " ")
    .replaceAll(/<\/?(?:code|strong)>/g, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
}

function matches(page: string, pattern: RegExp): readonly string[] {
  return [...page.matchAll(pattern)].map(([, found]) => found!);
}

const study60 = studyOf({ trials: 60 });
const usual = reportPage(reportOf(study60));

describe("the report of a study", () => {
  it("says in words what the search was, how far it came and what it shows", () => {
    const text = words(usual);
    for (const said of [
      "a network that is small A search to maximize the fine accuracy",
      "begun 2026-03-01 08:59 UTC",
      "Trials 60",
      "The best 10 side by side",
      "A space for the next search",
      "Written by argmin on 2026-03-02 10:00 UTC, from 60 trials",
    ])
      expect(text).toContain(said);
    for (const { text: sentence } of study60.analysis.sentences) expect(text).toContain(sentence.replaceAll("`", ""));
  });

  it("has every id once, and nothing that refers to none, though its pictures have ids of the same names", () => {
    for (const page of [usual, reportPage(reportOf(studyOf({ trials: 5 }), [clippedChart("one"), clippedChart("two")]))]) {
      const ids = matches(page, /\sid="([^"]*)"/g);
      expect(new Set(ids).size).toBe(ids.length);
      const references = [
        ...matches(page, /="url\(#([^)]*)\)"/g),
        ...matches(page, /\shref="#([^"]*)"/g),
        ...matches(page, /\s(?:aria-labelledby|data-copies)="([^"]*)"/g),
      ];
      expect(references.length).toBeGreaterThan(8);
      expect(references.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  it("keeps what pictures say apart from what they refer to", () => {
    const page = reportPage(reportOf(studyOf({ trials: 5 }), [clippedChart("one")]));
    expect(page).toContain('clip-path="url(#one--inside)"');
    expect(page).toContain('fill="url(#one--scale)"');
    expect(page).toContain("a url(#inside) in a text");
  });

  it("can be in any theme what was drawn for the page", () => {
    const drawn = chartsOfStudy(study60, { theme: darkTheme });
    const texts = chartsOfStudy(study60, { theme: adaptiveTheme }).map(({ content }) =>
      content.kind === "picture" ? pictureText(inTheme(content.picture, darkTheme), darkTheme) : content.why,
    );
    expect(texts).toEqual(
      drawn.map(({ content }) => (content.kind === "picture" ? pictureText(content.picture, darkTheme) : content.why)),
    );
  });

  it("needs nothing from elsewhere, and lets no script run but its own", () => {
    expect(matches(usual, /(https?:\/\/[^"'\s<)]*)/g).filter((url) => url !== "http://www.w3.org/2000/svg")).toEqual([]);
    expect(matches(usual, /\s(?:src|srcset)="([^"]*)"/g)).toEqual([]);
    expect(usual.match(/<(?:script|link|iframe)\b/g)).toEqual(["<script"]);
    expect(usual).toMatch(/default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-[\w+/]{43}='"/);
  });

  it("shows markup and quotes in names, options and messages as what they are", () => {
    const evil = `x"'><script>alert(1)</script>&amp;`;
    const space = compileSpace({ [evil]: hp.uniform(0, 1), kind: hp.choice([evil, "plain"]) });
    const trials = Array.from({ length: 30 }, (_, number): ChartedTrial => {
      const base = {
        number,
        assignment: { [evil]: number / 30, kind: number % 2 },
        startedAt: 1000 * number,
        finishedAt: 1000 * number + 9,
      };
      if (number % 5 === 1) return { ...base, state: "failed", error: { message: evil, code: evil } };
      if (number % 5 === 2) return { ...base, state: "pruned", reason: evil };
      return { ...base, state: "complete", value: number };
    });
    const analysis = analyzeTrials(space, trials);
    const study = { space, direction: "minimize" as const, trials, reports: [], analysis, result: evil };
    const page = reportPage({ ...reportOf(study), study: evil, summary: evil });
    expect(page).not.toContain("<script>alert");
    expect(page.match(/<script\b/g)).toHaveLength(1);
    expect(page).not.toMatch(/=[^">]*x"'/);
    expect(page.match(/<h1>(.*?)<\/h1>/s)?.[1]).toBe("x&quot;'&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;");
  });

  it.each([0, 1, 3])("of %d trials says what is missing, and every chart is drawn or says why not", (count) => {
    const report = reportOf(studyOf({ trials: count, isTame: true }));
    const page = reportPage(report);
    const charts = matches(page, /(<section class="chart".*?<\/section>)/gs);
    expect(charts).toHaveLength(report.charts.length);
    for (const chart of charts) expect(chart).toMatch(/<svg |Nothing to draw: .{10}/);
    const text = words(page);
    expect(text).toContain("Too little to say what matters");
    expect(text).toContain("The trials give no reason to change the space");
    if (count === 0) expect(text).toContain("The study has no trials yet");
    else expect(text).toContain("Trial ");
  });

  it("breaks long names between their parts, numbers and times nowhere but between words", () => {
    const page = reportPage({ ...reportOf(studyOf({ trials: 30, space: wordySpace }), []), study: "a_study of v1.5" });
    expect(page).toContain("<h1>a_<wbr />study of v1.5</h1>");
    expect(page).toContain("<code>optimizer.<wbr />schedule.<wbr />cosine.<wbr />number_<wbr />of_");
    const text = words(page.replaceAll("<wbr />", ""));
    expect(text).toContain("learning_rate_multiplier_of_the_first_convolutional_stage_after_warm_up");
    expect(page).toMatch(/\d\u00A0min \d+\u00A0s</);
    expect(page).not.toMatch(/\d[.-]<wbr/);
  });

  it("says that a share is next to nothing rather than how little it is", () => {
    const report = reportOf(studyOf({ trials: 3, isTame: true }), []);
    const { fanova } = report.analysis;
    const parameters = fanova!.importances.parameters.map(({ label, trials }) => ({
      label,
      trials,
      importance: 3e-32,
      standardError: 1e-31,
    }));
    const analysis = { ...report.analysis, fanova: { ...fanova!, importances: { ...fanova!.importances, parameters } } };
    const cells = matches(reportPage({ ...report, analysis }), /<\/th>\s*<td>(.*?)<\/td>/g);
    expect(new Set(cells.slice(-parameters.length))).toEqual(new Set(["&lt; 0.1 %"]));
  });

  it("counts failed, pruned, rejected and infinite trials by their reasons, numbers aside", () => {
    const study = studyOf({ trials: 400 });
    const rows = matches(reportPage(reportOf(study, [])), /<tr>\s*<td class="words">(.*?)<\/tr>/gs).map(words);
    const kinds = rows.map((row) => /^(failed|without a finite result|rejected|pruned)/.exec(row)?.[1]);
    expect([...new Set(kinds)]).toEqual(["failed", "without a finite result", "rejected", "pruned"]);
    const memory = study.trials.filter(({ error }) => error?.code === "trial/out-of-memory");
    const row = rows.find((it) => it.includes("ran out of memory"));
    expect(row).toContain(`trial/out-of-memory ${memory.length} ${memory[0]!.number}, ${memory[1]!.number}`);
    expect(rows.filter((it) => it.includes("ran out of memory"))).toHaveLength(1);
  });

  it("counts paused trials apart from pruned ones, and says where and why they rest", () => {
    const space = compileSpace({ x: hp.uniform(0, 1) });
    const trials = Array.from({ length: 12 }, (_, number): ChartedTrial => {
      const base = { number, assignment: { x: number / 12 }, value: number };
      if (number % 3 === 0) return { ...base, state: "complete" };
      return { ...base, state: "paused", step: 3, reason: `place ${number} of 12 at step 3, where the best 4 go on` };
    });
    const reports = trials.flatMap(({ number, value = 0 }) =>
      [1, 2, 3].map((step) => ({ number, step, phase: "", metrics: { loss: value + 1 / step } })),
    );
    const study = { space, direction: "minimize" as const, trials, reports, analysis: analyzeTrials(space, trials) };
    const page = reportPage(reportOf(study));
    const text = words(page);
    expect(text).toMatch(/Paused 8 67 %/);
    expect(page).toContain("where a trial is paused");
    expect(text).toMatch(/paused place 1 of 12 at step 3, where the best 4 go on 8 1, 2/);
  });

  it("lists the best by value, equal ones by number, and leaves what is not finite out", () => {
    const space = compileSpace({ x: hp.uniform(0, 1) });
    const values = [3, 1, Number.NEGATIVE_INFINITY, 1, 2, Number.NaN];
    const trials = values.map((value, number): ChartedTrial => ({ number, state: "complete", value, assignment: { x: 0.5 } }));
    const study = { space, direction: "minimize" as const, trials, reports: [], analysis: analyzeTrials(space, trials) };
    const page = reportPage(reportOf(study, []));
    const table = /<table class="compared">(.*?)<\/table>/s.exec(page)![1]!;
    expect(matches(table, /<th scope="col">(\w+)<\/th>/g)).toEqual(["trial", "1", "3", "4", "0"]);
    expect(words(page)).toContain("Repeated 5 had been tried before");
  });

  it("names the changes of the space in words beside the code", () => {
    const report = reportOf(studyOf({ trials: 120 }), []);
    const changed = report.analysis.narrowed.changes.filter(({ kind }) => kind !== "kept");
    expect(changed.length).toBeGreaterThan(0);
    const page = reportPage(report);
    expect(matches(page, /<ul class="changes">(.*?)<\/ul>/gs)[0]!.match(/<li>/g)).toHaveLength(changed.length);
    const code = /<pre id="report-code"[^>]*><code>(.*?)<\/code>/s.exec(page)![1]!;
    expect(code.replaceAll("&quot;", '"').replaceAll("&amp;", "&")).toBe(report.analysis.narrowed.code);
  });
});
