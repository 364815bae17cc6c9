import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { isArgminError } from "@argmin/base";
import { loadMnist, selectClasses } from "@argmin/vision";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { idxFile, imageFile, labelFile, tinyMnist, writeFiles } from "./idx-files.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-mnist-"));
  vi.stubEnv("ARGMIN_DATA", "");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe("the embedded MNIST", () => {
  it("is the standard split, and has 12,223 and 2,060 images of the digits 2 and 7", async () => {
    const { train, test } = await loadMnist();
    expect([train.count, test.count]).toEqual([60_000, 10_000]);
    expect([train.channels, train.height, train.width]).toEqual([1, 28, 28]);
    expect(train.images.length).toBe(60_000 * 784);
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);

    const [twoOrSeven, unseen] = [selectClasses(train, [2, 7]), selectClasses(test, [2, 7])];
    expect([twoOrSeven.count, unseen.count]).toEqual([12_223, 2_060]);
    expect(twoOrSeven.labels.filter((label) => label === 0)).toHaveLength(5_958);
    expect(unseen.labels.filter((label) => label === 0)).toHaveLength(1_032);
  });

  it("has the pixel mean and deviation everyone normalises MNIST with", async () => {
    const { train } = await loadMnist();
    let sum = 0;
    let squares = 0;
    for (const pixel of train.images) {
      sum += pixel;
      squares += pixel * pixel;
    }
    const mean = sum / train.images.length / 255;
    expect(mean).toBeCloseTo(0.1307, 4);
    expect(Math.sqrt(squares / train.images.length / 255 ** 2 - mean ** 2)).toBeCloseTo(0.3081, 4);
  });
});

describe("where MNIST is looked for", () => {
  const trainLabels = async (dataFolder?: string): Promise<number> => (await loadMnist({ dataFolder })).train.labels.length;

  it("takes the given folder, or a mnist folder in it", async () => {
    await writeFiles(folder, tinyMnist());
    expect(await trainLabels(folder)).toBe(5);
    await writeFiles(join(folder, "mnist"), {
      ...tinyMnist(),
      "train-images-idx3-ubyte": imageFile(1),
      "train-labels-idx1-ubyte": labelFile([3]),
    });
    expect(await trainLabels(folder)).toBe(1);
  });

  it("reads packed files and dotted names as the plain ones", async () => {
    await writeFiles(folder, tinyMnist());
    const plain = await loadMnist({ dataFolder: folder });
    const other = join(folder, "other");
    const renamed = Object.entries(tinyMnist()).map(([name, bytes], i) => {
      const dotted = i % 2 === 0 ? name.replace("-idx", ".idx") : name;
      return i < 2 ? [`${dotted}.gz`, new Uint8Array(gzipSync(bytes))] : [dotted, bytes];
    });
    await writeFiles(other, Object.fromEntries(renamed));
    expect(await loadMnist({ dataFolder: other })).toEqual(plain);
  });

  it("prefers the given folder to ARGMIN_DATA, and that to the package", async () => {
    const named = join(folder, "named");
    await writeFiles(named, tinyMnist());
    vi.stubEnv("ARGMIN_DATA", named);
    expect(await trainLabels()).toBe(5);
    const given = join(folder, "given");
    await writeFiles(given, {
      ...tinyMnist(),
      "train-images-idx3-ubyte": imageFile(1),
      "train-labels-idx1-ubyte": labelFile([3]),
    });
    expect(await trainLabels(given)).toBe(1);
  });

  it("passes over an ARGMIN_DATA that holds other things", async () => {
    await writeFiles(folder, { "cifar.bin": new Uint8Array(3) });
    vi.stubEnv("ARGMIN_DATA", folder);
    expect(await trainLabels()).toBe(60_000);
  });

  it("stops when the signal says so", async () => {
    await expect(loadMnist({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(/abort|enough/u);
  });
});

describe("files that cannot be used", () => {
  it("names every missing file and where to put it", async () => {
    await expect(loadMnist({ dataFolder: folder })).rejects.toSatisfy(
      (error) =>
        isArgminError(error, "data/missing") &&
        error.message.includes(folder) &&
        Object.keys(tinyMnist()).every((name) => error.message.includes(name)),
    );
    const { "t10k-labels-idx1-ubyte": _, ...some } = tinyMnist();
    await writeFiles(folder, some);
    await expect(loadMnist({ dataFolder: folder })).rejects.toSatisfy(
      (error) =>
        isArgminError(error, "data/missing") &&
        error.message.includes("t10k-labels-idx1-ubyte") &&
        !error.message.includes("train-images-idx3-ubyte"),
    );
  });

  const pixels = new Uint8Array(5 * 784);
  it.each<readonly [string, string, Uint8Array, RegExp]>([
    ["another magic number", "train-images-idx3-ubyte", idxFile([5, 28, 28], pixels, 0x0d03), /0x00000d03 .* 0x00000803/u],
    ["labels in the place of images", "train-images-idx3-ubyte", labelFile(Array(50).fill(0)), /0x00000801 .* 0x00000803/u],
    ["less than a header", "train-images-idx3-ubyte", new Uint8Array(7), /7 bytes .* 16/u],
    ["an empty file", "train-labels-idx1-ubyte", new Uint8Array(0), /0 bytes .* 8/u],
    ["a truncated file", "train-images-idx3-ubyte", imageFile(5).subarray(0, 3_000), /cut short: 2984 .* 5 x 28 x 28 need 3920/u],
    ["bytes too many", "t10k-labels-idx1-ubyte", idxFile([2], Uint8Array.of(1, 2, 3)), /too long: 3 .* 2 need 2/u],
    ["images of another size", "train-images-idx3-ubyte", imageFile(5, 32), /32 x 32 .* 28 x 28/u],
    ["no images", "t10k-images-idx3-ubyte", imageFile(0), /no images/u],
    ["counts that disagree", "train-labels-idx1-ubyte", labelFile([1, 2, 3]), /3 labels .* 5 images/u],
    ["a label that is no digit", "train-labels-idx1-ubyte", labelFile([1, 2, 3, 10, 4]), /label 3 is 10 .* 0 to 9/u],
  ])("refuses %s and says what it found and wanted", async (_, name, bytes, found) => {
    await writeFiles(folder, { ...tinyMnist(), [name]: bytes });
    await expect(loadMnist({ dataFolder: folder })).rejects.toSatisfy(
      (error) => isArgminError(error, "data/corrupt") && error.message.includes(join(folder, name)) && found.test(error.message),
    );
  });

  it("refuses a packed file that does not unpack", async () => {
    const { "train-images-idx3-ubyte": images = new Uint8Array(), ...others } = tinyMnist();
    const packed = new Uint8Array(gzipSync(images));
    await writeFiles(folder, { ...others, "train-images-idx3-ubyte.gz": packed.subarray(0, packed.length - 12) });
    await expect(loadMnist({ dataFolder: folder })).rejects.toSatisfy(
      (error) => isArgminError(error, "data/corrupt") && error.message.includes("does not unpack"),
    );
  });
});
