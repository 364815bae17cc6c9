import { callback, compileModel, encodePng, EventFile, layer, optimizer, sequential } from "@argmin/nn";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missing as missingBrowser, openChromium, type Chromium, type Page } from "../../../dashboard/test/report/chromium.ts";
import { missing as missingLoader } from "../../../nn/test/tensorboard/loader.ts";
import { writeStudyLogs } from "../../src/results/study-logs.ts";
import { exportedStudy } from "./exported-study.ts";
import { startTensorBoard, type TensorBoardServer } from "./tensorboard-server.ts";

const missing = missingLoader ?? missingBrowser;
const note = missing === undefined ? "" : ` (skipped: ${missing})`;

const picture = encodePng({ width: 48, height: 32, channels: 1, data: Uint8Array.from({ length: 48 * 32 }, (_, i) => i % 256) });

/** A study's logs, with those of a small training in the run `network`. */
async function writeLogs(folder: string): Promise<void> {
  await writeStudyLogs(folder, await exportedStudy());
  const network = sequential({ input: [1, 4, 4] }, [
    layer.conv2d({ filters: 2, kernelSize: 3, activation: "relu", name: "stem" }),
    layer.flatten(),
    layer.dense({ units: 2, activation: "softmax", name: "classes" }),
  ]);
  const examples = { features: Float32Array.from({ length: 8 * 16 }, (_, i) => Math.sin(i)), labels: [0, 1, 0, 1, 0, 1, 0, 1] };
  const trainer = compileModel(network, { loss: "categoricalCrossentropy", optimizer: optimizer.adam(), seed: 1 });
  try {
    const callbacks = [callback.tensorBoard({ folder: join(folder, "network") })];
    await trainer.fit(examples, { epochs: 4, batchSize: 4, validation: examples, callbacks });
  } finally {
    await trainer.dispose();
  }
  const samples = await EventFile.open(join(folder, "network", "samples"));
  samples.image("predictions/ramp", picture, 4);
  await samples.flush();
}

/**
 * In the page: `all(selector)` are the elements, in shadow trees too, `text(selector)` is what is written in them, and `press` clicks on
 * the one that says so.
 */
const helpers = `
  const inside = (root) => [...root.querySelectorAll("*")].flatMap((element) =>
    element.shadowRoot ? [element, ...inside(element.shadowRoot)] : [element]);
  const all = (selector) => inside(document).filter((element) => element.matches(selector));
  const textOf = (node) => node.nodeType === Node.TEXT_NODE ? node.data
    : ["STYLE", "SCRIPT"].includes(node.nodeName) ? ""
    : [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes].map(textOf).join(" ");
  const text = (selector) => all(selector).map(textOf).join(" ");
  const press = (selector, words) => all(selector).find((element) => textOf(element).toUpperCase().includes(words))?.click();
`;

/** What each page shows once its data is there: an expression that is true then. */
const pages: readonly (readonly [page: string, name: string, isThere: string])[] = [
  [
    "timeseries",
    "the metrics first, before the weights",
    `/metrics.*weights/s.test(text("metrics-main-view")) && text("scalar-card").replaceAll(/\\s/g, "").includes("metrics/loss")`,
  ],
  [
    "scalars",
    "curves of the training and of the trials",
    `["metrics/loss", "reports/loss"].every((tag) => text("tf-scalar-card").includes(tag))`,
  ],
  ["images", "the image in its size", `all("img").some((image) => image.naturalWidth === 48 && image.naturalHeight === 32)`],
  ["graphs", "the layers", `["stem", "flatten", "classes"].every((layer) => text("svg").includes(layer))`],
  ["distributions", "the weights", `text("tf-distribution-loader").includes("weights/stem/kernel")`],
  ["histograms", "the weights", `text("tf-histogram-loader").includes("weights/stem/kernel")`],
  ["text", "how trials ended", `text("tf-text-loader").includes("hopeless")`],
  [
    "hparams",
    "trials with their parameters",
    `["trial-0", "residual", "final loss"].every((word) => text("tf-hparams-main").includes(word))`,
  ],
];

describe.skipIf(missing !== undefined)(`TensorBoard's pages in Chromium${note}`, () => {
  let folder: string;
  let server: TensorBoardServer;
  let chromium: Chromium;
  let page: Page;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "argmin-pages-"));
    await writeLogs(folder);
    [server, chromium] = await Promise.all([startTensorBoard(folder), openChromium()]);
    page = await chromium.open(server.url);
  }, 180_000);
  afterAll(async () => {
    await chromium.close();
    await server.close();
    await rm(folder, { recursive: true });
  }, 60_000);

  /** Waits until the expression is true in the page. */
  const shows = (isThere: string, before = ""): Promise<unknown> =>
    page.evaluate(`new Promise((settle) => {
      ${helpers}
      ${before}
      const look = () => ${isThere} ? settle("is there") : setTimeout(look, 100);
      look();
      setTimeout(() => settle(text("body").replaceAll(/\\s+/g, " ").slice(-2000)), 100000);
    })`);

  it.for(pages)("%s: shows %s", { timeout: 120_000 }, async ([name, , isThere]) => {
    expect(await shows(isThere, `location.hash = ${JSON.stringify(name)};`)).toBe("is there");
  });

  it("hparams: draws parallel coordinates and the scatter matrix", { timeout: 240_000 }, async () => {
    const plots = [
      [
        "PARALLEL COORDINATES",
        `all("tf-hparams-parallel-coords-plot").some(({ shadowRoot }) => shadowRoot.querySelectorAll("path").length > 5)`,
      ],
      [
        "SCATTER PLOT",
        `all("tf-hparams-scatter-plot-matrix-plot").some(({ shadowRoot }) => shadowRoot.querySelectorAll("circle").length > 5)`,
      ],
    ] as const;
    for (const [tab, isThere] of plots)
      expect(await shows(isThere, `press("paper-tab", ${JSON.stringify(tab)});`)).toBe("is there");
  });
});
