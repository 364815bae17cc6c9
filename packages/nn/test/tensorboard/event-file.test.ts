import type * as fileSystem from "node:fs/promises";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { encodePng, EventFile } from "@argmin/nn";
import { bytesIn, fieldsOf, messagesIn, numberIn, readRun, readScalars, readValues, stringsOf, textIn } from "./read-events.ts";

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fileSystem>();
  return { ...real, appendFile: vi.fn(real.appendFile) };
});

const it = test.extend<{ folder: string }>({
  folder: async ({ onTestFinished }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "argmin-events-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await use(folder);
  },
});

/** A run of these steps of one scalar. */
async function write(folder: string, steps: readonly number[], keepUntil?: number): Promise<EventFile> {
  const file = await EventFile.open(folder, keepUntil === undefined ? {} : { keepUntil });
  for (const step of steps) file.scalar("loss", 1 / step, step);
  await file.flush();
  return file;
}

describe("an event file", () => {
  it("is named as TensorBoard wants it and is not there before something is written", async ({ folder }) => {
    const run = join(folder, "deep", "run");
    const file = await EventFile.open(run);
    await file.flush();
    expect(await readdir(folder)).toEqual([]);
    file.scalar("loss", 1, 1);
    await file.flush();
    expect(await readdir(run)).toEqual([basename(file.path)]);
    expect(basename(file.path)).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+\.argmin$/);
  });

  it("begins with the version and says what a tag is for once", async ({ folder }) => {
    const file = await EventFile.open(folder, { now: () => 12.5 });
    file.scalar("loss", 0.5, 1);
    file.scalar("loss", 0.25, 2);
    await file.flush();
    const [version, ...others] = await readRun(folder);
    expect([textIn(version!, 3), numberIn(version!, 1)]).toEqual(["brain.Event:2", 12.5]);
    expect(others.map((event) => [numberIn(event, 1), numberIn(event, 2)])).toEqual([
      [12.5, 1],
      [12.5, 2],
    ]);
    expect((await readValues(folder)).map(({ values, shape, plugin }) => [values, shape, plugin])).toEqual([
      [[0.5], [], "scalars"],
      [[0.25], [], undefined],
    ]);
  });

  it("appends with each flush, so that what was flushed is there whatever comes then", async ({ folder }) => {
    const file = await write(folder, [1]);
    file.scalar("loss", 0.5, 2);
    expect(await readScalars(folder)).toEqual({ loss: [[1, 1]] });
    await file.flush();
    await file.flush();
    // As a process that is killed while it writes leaves it.
    await appendFile(file.path, (await readFile(file.path)).subarray(0, 20));
    expect(await readScalars(folder)).toEqual({
      loss: [
        [1, 1],
        [2, 0.5],
      ],
    });
  });

  it("holds histograms, images and texts as tensors", async ({ folder }) => {
    const file = await EventFile.open(folder);
    file.histogram("dense/kernel", Float32Array.of(0, 30), 2);
    const picture = encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) });
    file.image("sample", picture, 3, "two *pixels*");
    file.text("note", "**bold** £", 4);
    await file.flush();
    const [histogram, image, text] = await readValues(folder);
    expect(histogram).toMatchObject({ tag: "dense/kernel", step: 2, shape: [30, 3], plugin: "histograms" });
    expect(histogram!.values.slice(0, 6)).toEqual([0, 1, 1, 1, 2, 0]);
    expect(image).toMatchObject({ tag: "sample", step: 3, shape: [3], plugin: "images", description: "two *pixels*" });
    expect(stringsOf(image!)).toEqual(["2", "1", Buffer.from(picture.png).toString()]);
    expect(text).toMatchObject({ tag: "note", step: 4, shape: [], plugin: "text" });
    expect(stringsOf(text!)).toEqual(["**bold** £"]);
  });

  it("holds hyper-parameters in the content of the plugin, without a value", async ({ folder }) => {
    const file = await EventFile.open(folder);
    file.experiment({
      name: "study",
      createdAt: 5,
      hparams: [
        { name: "rate", type: "number", domain: { min: 0.1, max: 1 }, differs: true },
        { name: "kind", type: "string", domain: ["a", "b"] },
        { name: "norm", type: "boolean" },
      ],
      metrics: [{ tag: "metrics/loss", run: "validation", title: "loss" }],
    });
    file.sessionStart({ hparams: { rate: 0.5, kind: "a", norm: true }, startedAt: 6 });
    file.sessionEnd({ status: "failure", endedAt: 7 });
    await file.flush();
    const values = await readValues(folder);
    expect(values.map(({ tag, step, shape, values, plugin }) => [tag, step, shape, values, plugin])).toEqual(
      ["experiment", "session_start_info", "session_end_info"].map((name) => [`_hparams_/${name}`, 0, [0], [], "hparams"]),
    );
    const [experiment, start, end] = values.map(({ content }, i) => fieldsOf(bytesIn(fieldsOf(content!), i + 2)));
    expect([textIn(experiment!, 6), numberIn(experiment!, 3)]).toEqual(["study", 5]);
    const [rate, kind, norm] = messagesIn(experiment!, 4);
    const [interval] = messagesIn(rate!, 6);
    expect([textIn(rate!, 1), numberIn(rate!, 4), numberIn(interval!, 1), numberIn(interval!, 2)]).toEqual(["rate", 3, 0.1, 1]);
    expect([rate!, kind!, norm!].map((info) => numberIn(info, 7))).toEqual([1, 0, 0]);
    const options = messagesIn(messagesIn(kind!, 5)[0]!, 1).map((option) => textIn(option, 3));
    expect([numberIn(kind!, 4), options]).toEqual([1, ["a", "b"]]);
    expect([numberIn(norm!, 4), norm!.has(5), norm!.has(6)]).toEqual([2, false, false]);
    const [metric] = messagesIn(experiment!, 5);
    const [name] = messagesIn(metric!, 1);
    expect([textIn(name!, 1), textIn(name!, 2), textIn(metric!, 3)]).toEqual(["validation", "metrics/loss", "loss"]);
    const entries = messagesIn(start!, 1).map((entry) => [textIn(entry, 1), [...messagesIn(entry, 2)[0]!.keys()]]);
    expect(entries).toEqual([
      ["rate", [2]],
      ["kind", [3]],
      ["norm", [4]],
    ]);
    expect([numberIn(end!, 1), numberIn(end!, 2)]).toEqual([2, 7]);
  });
});

describe("a flush", () => {
  it("waits for the one before it, so that each value is there once and in order", async ({ folder }) => {
    const file = await EventFile.open(folder);
    const flushes = [1, 2, 3].map((step) => {
      file.scalar("loss", step, step);
      return file.flush();
    });
    await Promise.all(flushes);
    expect(await readScalars(folder)).toEqual({ loss: [1, 2, 3].map((step) => [step, step]) });
  });

  it("that fails leaves nothing half written, and the next one writes all", async ({ folder }) => {
    const file = await write(folder, [1]);
    file.scalar("loss", 0.5, 2);
    // As a disk without room takes it: a part, then no more.
    vi.mocked(appendFile).mockImplementationOnce(async (path, data) => {
      if (typeof path === "string" && data instanceof Uint8Array) await writeFile(path, data.subarray(0, 20), { flag: "a" });
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    });
    await expect(file.flush()).rejects.toMatchObject({ code: "file/full" });
    file.scalar("loss", 0.25, 3);
    await file.flush();
    expect(await readScalars(folder)).toEqual({
      loss: [
        [1, 1],
        [2, 0.5],
        [3, 0.25],
      ],
    });
  });
});

describe("a scalar", () => {
  it("is the nearest float32, which may be infinite", async ({ folder }) => {
    const file = await EventFile.open(folder);
    for (const [i, value] of [0.1, 1e300, -1e300, NaN, Infinity].entries()) file.scalar("loss", value, i);
    await file.flush();
    expect((await readScalars(folder))["loss"]!.map(([, value]) => value)).toEqual([
      Math.fround(0.1),
      Infinity,
      -Infinity,
      NaN,
      Infinity,
    ]);
  });

  it("has a whole step, and one refused takes nothing from the next", async ({ folder }) => {
    const file = await EventFile.open(folder);
    for (const step of [0.5, NaN, 2 ** 60]) {
      expect(() => file.scalar("loss", 1, step)).toThrow(`The step of loss in a log must be a whole number, not ${step}.`);
    }
    file.scalar("loss", 1, 2 ** 40);
    await file.flush();
    expect(await readScalars(folder)).toEqual({ loss: [[2 ** 40, 1]] });
  });
});

describe("a run that goes on", () => {
  it("does so in a file that comes after the first, without what is of later steps", async ({ folder }) => {
    const first = await write(folder, [1, 2, 3]);
    await appendFile(first.path, "torn");
    const next = await write(folder, [3, 4], 2);
    expect(basename(next.path) > basename(first.path)).toBe(true);
    expect(next.earlier).toMatchObject({ steps: new Set([1, 2]), hasGraph: false, wasCut: true });
    expect((await readScalars(folder))["loss"]!.map(([step]) => step)).toEqual([1, 2, 3, 4]);
    // Who looks on and has read the third step already is told to forget it.
    const restart = (await readRun(folder)).find((event) => event.has(7));
    expect([numberIn(restart!, 2), numberIn(messagesIn(restart!, 7)[0]!, 1)]).toEqual([3, 1]);
  });

  it("leaves files alone of which everything counts", async ({ folder }) => {
    const first = await write(folder, [1, 2]);
    const before = await readFile(first.path);
    const next = await write(folder, [3], 2);
    expect(await readFile(first.path)).toEqual(before);
    expect(next.earlier.wasCut).toBe(false);
    expect((await readRun(folder)).some((event) => event.has(7))).toBe(false);
  });

  it("is cut only where that was asked for: somebody may be writing the file", async ({ folder }) => {
    const first = await write(folder, [1]);
    await appendFile(first.path, "torn");
    const before = await readFile(first.path);
    const next = await write(folder, [2]);
    expect(await readFile(first.path)).toEqual(before);
    expect(next.earlier).toMatchObject({ steps: new Set([1]), wasCut: false });
    expect((await readScalars(folder))["loss"]!.map(([step]) => step)).toEqual([1, 2]);
  });

  it("begins anew where nothing counts, and touches nobody else's files", async ({ folder }) => {
    const first = await EventFile.open(folder, { now: () => 100 });
    first.scalar("loss", 1, 0);
    await first.flush();
    const foreign = join(folder, "events.out.tfevents.1700000000.host.1.2");
    await writeFile(foreign, "not argmin's");
    const next = await write(folder, [1], -1);
    expect((await readdir(folder)).toSorted()).toEqual([basename(foreign), basename(next.path)].toSorted());
    expect(next.earlier.since).toBe(100);
  });
});

it("says which file cannot be written", async ({ folder }) => {
  await writeFile(join(folder, "file"), "");
  const file = await EventFile.open(join(folder, "file", "run"));
  file.scalar("loss", 1, 1);
  await expect(file.flush()).rejects.toMatchObject({ code: "file/unwritable", message: expect.stringContaining("file/run") });
});
