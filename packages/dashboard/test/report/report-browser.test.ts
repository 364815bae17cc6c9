import { reportPage, type StudyReport } from "@argmin/dashboard";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { studyOf, wordySpace } from "../chart/studies.ts";
import { missing, openChromium, type Chromium, type Page } from "./chromium.ts";
import { reportOf } from "./reports.ts";

const note = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`the report in Chromium${note}`, () => {
  let folder: string;
  let report: StudyReport;
  let chromium: Chromium;
  let page: Page;

  const open = (name: string, text: string): Promise<Page> => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return chromium.open(pathToFileURL(file).href);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "argmin-report-"));
    report = reportOf(studyOf({ trials: 60 }));
    chromium = await openChromium();
    page = await open("report.html", reportPage(report));
  }, 180_000);
  afterAll(async () => {
    await chromium.close();
    rmSync(folder, { recursive: true });
  }, 180_000);

  it("opens without a complaint, asking for nothing but itself", () => {
    expect(page.complaints).toEqual([]);
    expect(page.requests).toEqual([pathToFileURL(join(folder, "report.html")).href]);
  });

  it("would not go unnoticed otherwise", async () => {
    const bad = reportPage(report).replace("</main>", "<script>alert(1)</script></main>");
    const odd = await open("odd.html", `${bad}<img src="missing.png" alt="">`);
    expect(odd.complaints.join("\n")).toMatch(/inline script.*Content Security Policy/s);
    expect(odd.complaints.length).toBeGreaterThan(1);
  });

  it("is light or dark as the system is, or as the reader chooses, and light on paper", async () => {
    const background = (): Promise<unknown> => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    const dot = (): Promise<unknown> =>
      page.evaluate(`getComputedStyle(document.querySelector("#history ~ figure svg rect")).fill`);
    const system = (scheme: string): Promise<unknown> =>
      page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
    await system("dark");
    expect([await background(), await dot()]).toEqual(["rgb(20, 24, 31)", "rgb(20, 24, 31)"]);
    await page.evaluate(`document.querySelector("input[value=light]").click()`);
    expect([await background(), await dot()]).toEqual(["rgb(255, 255, 255)", "rgb(255, 255, 255)"]);
    await page.evaluate(`document.querySelector("input[value=dark]").click()`);
    await page.send("Emulation.setEmulatedMedia", { media: "print" });
    expect(await dot()).toBe("rgb(255, 255, 255)");
    await system("light");
    await page.evaluate(`document.querySelector("input[value='']").click()`);
    expect(await background()).toBe("rgb(255, 255, 255)");
  });

  it("says of a mark under the pointer which trial it is, and of a line", async () => {
    const pointed = (chart: string, events: string): Promise<unknown> =>
      page.evaluate(`(() => {
        const mark = document.querySelector('#${chart} ~ figure [pointer-events="${events}"] > :last-child');
        mark.scrollIntoView({ block: "center" });
        const { left, right, top, bottom } = mark.getBoundingClientRect();
        const at = mark.tagName === "path" ? mark.getPointAtLength(0).matrixTransform(mark.getScreenCTM()) : undefined;
        const [x, y] = at === undefined ? [(left + right) / 2, (top + bottom) / 2] : [at.x, at.y];
        return document.elementFromPoint(x, y).querySelector("title").textContent;
      })()`);
    expect(await pointed("history", "all")).toMatch(/^trial \d+: /);
    expect(await pointed("parallel-coordinates", "stroke")).toMatch(/^trial \d+: [\d.]+$/);
  });

  it("copies the space's code", async () => {
    await page.evaluate(
      `Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { window.copied = text; } } })`,
    );
    await page.evaluate(`document.querySelector(".copy").click()`);
    expect(await page.evaluate("window.copied")).toBe(report.analysis.narrowed.code);
    expect(await page.evaluate(`document.querySelector("#report-copied").textContent`)).toBe("Copied");
  });

  it("keeps every part within the page, from a phone's width on", async () => {
    for (const width of [360, 800, 1400]) {
      await page.send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    }
  });

  it("keeps long names and what stands beside them within the page, on paper too", async () => {
    const wordy = await open("wordy.html", reportPage(reportOf(studyOf({ trials: 80, space: wordySpace }))));
    expect(wordy.complaints).toEqual([]);
    const isWithin = async (width: number): Promise<void> => {
      await wordy.send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
      expect(await wordy.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    };
    for (const width of [360, 1400]) await isWithin(width);
    await wordy.send("Emulation.setEmulatedMedia", { media: "print" });
    // What A4 leaves between its margins. Nothing scrolls on paper: what is wider than the page is lost.
    await isWithin(688);
  });

  it("leaves the code that it copies uncovered on a phone", async () => {
    await page.send("Emulation.setDeviceMetricsOverride", { width: 390, height: 900, deviceScaleFactor: 1, mobile: false });
    const room = await page.evaluate(`(() => {
      const range = document.createRange();
      range.selectNodeContents(document.querySelector("#report-code"));
      return range.getClientRects()[0].top - document.querySelector(".copy").getBoundingClientRect().bottom;
    })()`);
    expect(room).toBeGreaterThan(0);
  });

  it("has every heading of its contents", async () => {
    const missed = `[...document.querySelectorAll("nav a")].filter((link) => document.querySelector(link.hash) === null).length`;
    expect(await page.evaluate(missed)).toBe(0);
    expect(await page.evaluate(`document.querySelectorAll("nav a").length`)).toBe(6 + report.charts.length);
  });

  it("prints", async () => {
    const { data } = await page.send("Page.printToPDF", { preferCSSPageSize: true });
    expect(Buffer.from(String(data), "base64").subarray(0, 5).toString()).toBe("%PDF-");
  });
});
