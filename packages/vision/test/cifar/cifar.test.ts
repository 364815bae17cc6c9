import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isArgminError } from "@argmin/base";
import { channelStatistics, loadCifar10, loadCifar100, selectImages, type Cifar100Images } from "@argmin/vision";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { writeFiles } from "../mnist/idx-files.ts";
import { archive, nameFile, pictures, PIXELS, pixelsOf, recordFile, tarEntry, tinyCifar10, tinyCifar100 } from "./cifar-files.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-cifar-"));
  vi.stubEnv("ARGMIN_DATA", "");
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe("loadCifar100", () => {
  it("has fine and coarse labels, names and pixels as the records have them", async () => {
    await writeFiles(folder, tinyCifar100());
    const { train, test } = await loadCifar100({ dataFolder: folder });
    expectTypeOf(train).toEqualTypeOf<Cifar100Images>();
    const expected = pictures(6, [20, 100], 1);
    expect([train.count, test.count, train.channels, train.height, train.width]).toEqual([6, 3, 3, 32, 32]);
    expect([...train.coarseLabels]).toEqual(expected.map(({ labels }) => labels[0]));
    expect([...train.labels]).toEqual(expected.map(({ labels }) => labels[1]));
    expect(train.images).toEqual(pixelsOf(expected));
    expect([train.classes.length, train.classes[7], train.coarseClasses.length, train.coarseClasses[19]]).toEqual([
      100,
      "class7",
      20,
      "group19",
    ]);
  });

  it("keeps both labels with their image when some are selected", async () => {
    await writeFiles(folder, tinyCifar100());
    const { train } = await loadCifar100({ dataFolder: folder });
    const some = selectImages(train, [4, 0]);
    expectTypeOf(some).toEqualTypeOf<Cifar100Images>();
    expect([...some.labels]).toEqual([train.labels[4], train.labels[0]]);
    expect([...some.coarseLabels]).toEqual([train.coarseLabels[4], train.coarseLabels[0]]);
    expect(some.images.subarray(PIXELS)).toEqual(train.images.subarray(0, PIXELS));
  });
});

describe("loadCifar10", () => {
  it("joins the five files in their order", async () => {
    await writeFiles(folder, tinyCifar10());
    const { train, test } = await loadCifar10({ dataFolder: folder });
    const expected = Array.from({ length: 5 }, (_, i) => pictures(2, [10], i)).flat();
    expect([train.count, test.count]).toEqual([10, 2]);
    expect([...train.labels]).toEqual(expected.map(({ labels }) => labels[0]));
    expect(train.images).toEqual(pixelsOf(expected));
    expect(train.classes).toHaveLength(10);
  });
});

describe("where a set is looked for", () => {
  const unpacked = "cifar-100-binary";
  const count = async (dataFolder?: string): Promise<number> => (await loadCifar100({ dataFolder })).train.count;

  it("takes the files, their folder, or the archive, and finds the same in each", async () => {
    const [direct, inside, packed] = [join(folder, "direct"), join(folder, "inside"), join(folder, "packed")];
    await writeFiles(direct, tinyCifar100());
    await writeFiles(join(inside, unpacked), tinyCifar100());
    await writeFiles(packed, { "cifar-100-binary.tar.gz": archive(unpacked, tinyCifar100()) });
    const plain = await loadCifar100({ dataFolder: direct });
    expect(await loadCifar100({ dataFolder: inside })).toEqual(plain);
    expect(await loadCifar100({ dataFolder: packed })).toEqual(plain);
  });

  it("unpacks an archive once, into the cache folder, and leaves the folder of the archive as it is", async () => {
    const path = join(folder, "packed", "cifar-100-binary.tar.gz");
    const bytes = archive(unpacked, tinyCifar100());
    await writeFiles(join(folder, "packed"), { "cifar-100-binary.tar.gz": bytes });
    await utimes(path, 1e9, 1e9);
    const first = await loadCifar100({ dataFolder: join(folder, "packed") });
    expect(await readdir(join(folder, "packed"))).toEqual(["cifar-100-binary.tar.gz"]);
    const places = join(folder, "cache", "argmin", "unpacked");
    const [place = "", ...others] = await readdir(places);
    expect(others).toEqual([]);
    expect(await readdir(join(places, place))).toEqual([unpacked]);
    expect((await readdir(join(places, place, unpacked))).toSorted()).toEqual(Object.keys(tinyCifar100()).toSorted());
    // The same file by all that is looked at, so it is not read again.
    await writeFile(path, new Uint8Array(bytes.length));
    await utimes(path, 1e9, 1e9);
    expect(await loadCifar100({ dataFolder: join(folder, "packed") })).toEqual(first);
    // Another file in its place.
    await utimes(path, 1e9, 1e9 + 1);
    await expect(loadCifar100({ dataFolder: join(folder, "packed") })).rejects.toThrow(/does not unpack/u);
  });

  it("goes without unpacking where it may not write", async () => {
    await writeFiles(folder, { "cifar-100-binary.tar.gz": archive(unpacked, tinyCifar100()), cache: new Uint8Array() });
    const lines: string[] = [];
    const { train } = await loadCifar100({ dataFolder: folder, log: (line) => lines.push(line) });
    expect(train.count).toBe(6);
    expect(lines).toEqual([expect.stringMatching(/cifar-100-binary\.tar\.gz is unpacked again each time: Cannot write/u)]);
  });

  it("takes the archive where the folder that it unpacks to is not complete, or other files have names of the set", async () => {
    const packed = { "cifar-100-binary.tar.gz": archive(unpacked, tinyCifar100()) };
    await writeFiles(join(folder, "a"), { ...packed, "train.bin": new Uint8Array(9) });
    await writeFiles(join(folder, "b"), packed);
    await writeFiles(join(folder, "b", unpacked), { "test.bin": new Uint8Array(9) });
    for (const name of ["a", "b"]) expect((await loadCifar100({ dataFolder: join(folder, name) })).train.count).toBe(6);
  });

  it("takes an archive of a longer name, and never one of the other set", async () => {
    await writeFiles(folder, { "cifar-10-subset-binary.tar.gz": archive("cifar-10-batches-bin", tinyCifar10()) });
    expect((await loadCifar10({ dataFolder: folder })).train.count).toBe(10);
    await expect(loadCifar100({ dataFolder: folder })).rejects.toSatisfy((error) => isArgminError(error, "data/missing"));
  });

  it("prefers the given folder to ARGMIN_DATA, and that to the cache folder", async () => {
    const set = (images: number): ReturnType<typeof tinyCifar100> => ({
      ...tinyCifar100(),
      "train.bin": recordFile(pictures(images, [20, 100], 1)),
    });
    await writeFiles(join(folder, "cache", "argmin", unpacked), set(1));
    expect(await count()).toBe(1);
    await writeFiles(join(folder, "named", unpacked), set(2));
    vi.stubEnv("ARGMIN_DATA", join(folder, "named"));
    expect(await count()).toBe(2);
    await writeFiles(join(folder, "given"), set(3));
    expect(await count(join(folder, "given"))).toBe(3);
    // The usual folder is but a place to look, also when a caller passes it on.
    await rm(join(folder, "named"), { recursive: true });
    expect(await count(join(folder, "named"))).toBe(1);
  });

  it("stops when the signal says so", async () => {
    await writeFiles(join(folder, "a"), tinyCifar100());
    await writeFiles(join(folder, "b"), { "cifar-100-binary.tar.gz": archive(unpacked, tinyCifar100()) });
    for (const name of ["a", "b"]) {
      const signal = AbortSignal.abort(new Error("enough"));
      await expect(loadCifar100({ dataFolder: join(folder, name), signal })).rejects.toThrow(/abort|enough/u);
    }
  });
});

describe("files that cannot be used", () => {
  it("says what to put where when a folder has nothing of the set", async () => {
    const place = join(folder, "empty");
    await mkdir(place);
    await expect(loadCifar100({ dataFolder: place })).rejects.toSatisfy(
      (error) =>
        isArgminError(error, "data/missing") &&
        error.message.startsWith(`CIFAR-100 is not in ${place}: put cifar-100-binary.tar.gz from https://`),
    );
  });

  it("names every missing file of an incomplete folder", async () => {
    const { "test.bin": _, "fine_label_names.txt": __, ...some } = tinyCifar100();
    await writeFiles(join(folder, "cifar-100-binary"), some);
    await expect(loadCifar100({ dataFolder: folder })).rejects.toSatisfy(
      (error) =>
        isArgminError(error, "data/missing") &&
        /cifar-100-binary is not complete: put test\.bin, fine_label_names\.txt there, or cifar-100-binary\.tar\.gz in /u.test(
          error.message,
        ),
    );
  });

  const train = recordFile(pictures(6, [20, 100], 1));
  const withByte = (at: number, value: number): Uint8Array => train.map((byte, i) => (i === at ? value : byte));
  it.each<readonly [string, string, Uint8Array, RegExp]>([
    ["an empty file", "test.bin", new Uint8Array(), /it is empty/u],
    [
      "a truncated file",
      "train.bin",
      train.subarray(0, -1),
      /cut short: its 18443 bytes are 5 whole records of 3074 bytes and 3073/u,
    ],
    [
      "a fine label of no class",
      "train.bin",
      withByte(2 * 3074 + 1, 100),
      /label 2 of record 2 is 100 where a class is 0 to 99/u,
    ],
    ["a coarse label of no group", "train.bin", withByte(5 * 3074, 20), /label 1 of record 5 is 20 where a class is 0 to 19/u],
    ["too few names", "fine_label_names.txt", nameFile("class", 99), /99 class names where 100 are wanted/u],
    ["names of the other kind", "coarse_label_names.txt", nameFile("class", 100), /100 class names where 20 are wanted/u],
    ["an empty name", "coarse_label_names.txt", new TextEncoder().encode("a\n\n".repeat(19)), /class names where 20 are wanted/u],
  ])("refuses %s and says what it found and wanted", async (_, name, bytes, found) => {
    await writeFiles(folder, { ...tinyCifar100(), [name]: bytes });
    await expect(loadCifar100({ dataFolder: folder })).rejects.toSatisfy(
      (error) =>
        isArgminError(error, "data/corrupt") && error.message.startsWith(join(folder, name)) && found.test(error.message),
    );
  });

  it("refuses a file of the other set", async () => {
    await writeFiles(folder, { ...tinyCifar10(), "test_batch.bin": recordFile(pictures(2, [20, 100], 3)) });
    await expect(loadCifar10({ dataFolder: folder })).rejects.toThrow(/test_batch\.bin cannot be used: it is cut short/u);
  });

  const whole = archive("cifar-100-binary", tinyCifar100());
  const { "test.bin": _, ...withoutTest } = tinyCifar100();
  it.each<readonly [string, Uint8Array, RegExp]>([
    ["an archive cut short", whole.subarray(0, whole.length - 3_000), /does not unpack|ends within/u],
    ["an archive without its last bytes", whole.subarray(0, whole.length - 4), /does not unpack/u],
    ["an archive with a changed byte", whole.map((byte, i) => (i === 9_000 ? byte ^ 255 : byte)), /does not unpack|damaged/u],
    ["a web page", new TextEncoder().encode("<html>404</html>"), /does not unpack/u],
    ["another archive", archive("cifar-10-batches-bin", tinyCifar10()), /it has no cifar-100-binary\/train\.bin/u],
    ["an archive without a file", archive("cifar-100-binary", withoutTest), /it has no cifar-100-binary\/test\.bin/u],
  ])("refuses %s and leaves nothing of it", async (_, bytes, found) => {
    await writeFiles(folder, { "cifar-100-binary.tar.gz": bytes });
    await expect(loadCifar100({ dataFolder: folder })).rejects.toSatisfy(
      (error) =>
        isArgminError(error, "data/corrupt") &&
        error.message.startsWith(join(folder, "cifar-100-binary.tar.gz")) &&
        found.test(error.message),
    );
    expect(await readdir(folder)).toEqual(["cifar-100-binary.tar.gz"]);
  });

  it("takes nothing from an archive but the files of the set", async () => {
    const escaping = archive("..", { "train.bin": tarEntry("x", new Uint8Array(3)) });
    await writeFiles(join(folder, "in"), { "cifar-100-binary.tar.gz": escaping });
    await expect(loadCifar100({ dataFolder: join(folder, "in") })).rejects.toThrow(/it has no cifar-100-binary/u);
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(["in", join("in", "cifar-100-binary.tar.gz")]);
  });
});

describe("the real images", () => {
  const { ARGMIN_DATA: place } = process.env;
  it("have the mean and deviation everyone normalises CIFAR-100 with", async (context) => {
    if (!place) context.skip("ARGMIN_DATA names no folder with CIFAR-100");
    vi.stubEnv("ARGMIN_DATA", place);
    const { train } = await loadCifar100();
    const { mean, deviation } = channelStatistics(train);
    [0.5071, 0.4865, 0.4409].forEach((wanted, channel) => expect(mean[channel]).toBeCloseTo(wanted, 2));
    [0.2673, 0.2564, 0.2762].forEach((wanted, channel) => expect(deviation[channel]).toBeCloseTo(wanted, 2));
    expect(train.classes.slice(0, 2)).toEqual(["apple", "aquarium_fish"]);
  });
});
