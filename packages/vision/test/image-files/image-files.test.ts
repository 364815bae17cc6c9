import { Rng } from "@argmin/base";
import { encodePng } from "@argmin/nn";
import { decodeImage, listFiles, readImages, type ImageBatch } from "@argmin/vision";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-images-"));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (...path: readonly string[]): string => join(folder, ...path);

/** Pixels of noise, each pixel's colours beside one another. */
function noise(width: number, height: number, channels = 3): Uint8Array {
  const rng = Rng.fromSeed(width * height);
  return Uint8Array.from({ length: width * height * channels }, () => rng.integer(256));
}

/** Planes as pixels. */
function interleaved(planes: Uint8Array): number[] {
  const area = planes.length / 3;
  return Array.from(planes, (_, i) => planes[(i % 3) * area + Math.floor(i / 3)]!);
}

async function uniform(path: string, size: readonly [width: number, height: number], colour: object | string): Promise<string> {
  const [width, height] = size;
  const image = sharp({ create: { width, height, channels: 4, background: colour } });
  await image.toFile(path);
  return path;
}

/** A TIFF file of two grey pixels; `kind` 1 is whole numbers, 3 floating-point ones. */
function tiffOf(data: Buffer, { bits, kind }: { readonly bits: number; readonly kind: number }): Buffer {
  const tags = [
    [256, 2],
    [257, 1],
    [258, bits],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, 1],
    [279, data.length],
    [339, kind],
  ] as const;
  const file = Buffer.alloc(8 + data.length + 2 + 12 * tags.length + 4);
  file.write("II*\0");
  file.writeUInt32LE(8 + data.length, 4);
  data.copy(file, 8);
  const start = file.writeUInt16LE(tags.length, 8 + data.length);
  for (const [i, [tag, value]] of tags.entries()) {
    file.writeUInt16LE(tag, start + 12 * i);
    file.writeUInt16LE(4, start + 12 * i + 2);
    file.writeUInt32LE(1, start + 12 * i + 4);
    file.writeUInt32LE(value, start + 12 * i + 8);
  }
  return file;
}

describe("decodeImage", () => {
  it("gives the very pixels of an image of the right size", async () => {
    const data = noise(5, 4);
    await writeFile(at("exact.png"), encodePng({ width: 5, height: 4, channels: 3, data }).png);
    expect(interleaved(await decodeImage(at("exact.png"), [3, 4, 5]))).toEqual([...data]);
  });

  it.each(["png", "jpg", "webp", "gif", "avif", "tiff", "svg"])("reads %s", async (ending) => {
    const path = at(`plain.${ending}`);
    if (ending === "svg")
      await writeFile(
        path,
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="12"><rect width="20" height="12" fill="#c86432"/></svg>',
      );
    else await uniform(path, [20, 12], "#c86432");
    const pixels = interleaved(await decodeImage(path, [3, 6, 6]));
    pixels.forEach((value, i) => expect(Math.abs(value - [200, 100, 50][i % 3]!)).toBeLessThan(9));
  });

  it("scales until the size is covered and cuts what is left at both sides", async () => {
    // Three squares beside one another: what is cut are the outer ones.
    const square = (fill: string, x: number): string => `<rect x="${x}" width="40" height="40" fill="${fill}"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40">${square("red", 0)}${square("lime", 40)}${square("blue", 80)}</svg>`;
    const files = { wide: sharp(Buffer.from(svg)), high: sharp(Buffer.from(svg)).rotate(90) };
    for (const [name, image] of Object.entries(files)) {
      await image.png().toFile(at(`${name}.png`));
      const pixels = await decodeImage(at(`${name}.png`), [3, 10, 10]);
      expect([pixels[55], pixels[155], pixels[255]]).toEqual([0, 255, 0]);
      expect(pixels.subarray(100, 200).reduce((sum, value) => sum + value, 0) / 100).toBeGreaterThan(230);
    }
  });

  it("turns an image as its camera held it", async () => {
    const data = Uint8Array.of(255, 0, 0, 0, 0, 255);
    const lying = sharp(data, { raw: { width: 2, height: 1, channels: 3 } }).withMetadata({ orientation: 6 });
    await lying.png().toFile(at("turned.png"));
    expect(interleaved(await decodeImage(at("turned.png"), [3, 2, 1]))).toEqual([...data]);
  });

  it("makes grey colours and coloured greys, and white of what is transparent", async () => {
    const grey = encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(10, 200) }).png;
    await writeFile(at("grey.png"), grey);
    expect([...(await decodeImage(at("grey.png"), [3, 1, 2]))]).toEqual([10, 200, 10, 200, 10, 200]);
    expect([...(await decodeImage(at("grey.png"), [1, 1, 2]))]).toEqual([10, 200]);
    await uniform(at("clear.png"), [2, 2], { r: 0, g: 0, b: 0, alpha: 0 });
    expect([...(await decodeImage(at("clear.png"), [1, 2, 2]))]).toEqual([255, 255, 255, 255]);
  });

  it("makes 8 bits of 16, and refuses numbers that nobody knows the range of", async () => {
    const grey = Buffer.alloc(4);
    grey.writeUInt16LE(65_535, 0);
    grey.writeUInt16LE(100 * 257, 2);
    await writeFile(at("grey16.tiff"), tiffOf(grey, { bits: 16, kind: 1 }));
    expect([...(await decodeImage(at("grey16.tiff"), [1, 1, 2]))]).toEqual([255, 100]);
    const shares = Buffer.alloc(8);
    shares.writeFloatLE(1, 0);
    shares.writeFloatLE(0.5, 4);
    await writeFile(at("shares.tiff"), tiffOf(shares, { bits: 32, kind: 3 }));
    await expect(decodeImage(at("shares.tiff"), [1, 1, 2])).rejects.toMatchObject({
      code: "data/corrupt",
      message: expect.stringMatching(/shares\.tiff has pixels of type float, .*; save it with 8 or 16 bits a channel\.$/),
    });
  });

  it("says of a huge image that it is one", async () => {
    await writeFile(at("huge.svg"), '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>');
    await expect(decodeImage(at("huge.svg"), [3, 8, 8])).rejects.toThrow(/huge\.svg .* it has more than 268 million pixels/);
  });

  it("names a file that is no image, or a broken one, in one sentence", async () => {
    const whole = await sharp(noise(64, 64), { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    const broken: readonly (readonly [name: string, bytes: Uint8Array | string])[] = [
      ["notes.txt", "not an image"],
      ["empty.png", ""],
      ["half.jpg", whole.subarray(0, whole.length / 2)],
      ["cut.png", encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(1, 2) }).png.subarray(0, 50)],
    ];
    for (const [name, bytes] of broken) {
      await writeFile(at(name), bytes);
      await expect(decodeImage(at(name), [3, 8, 8]), name).rejects.toMatchObject({
        code: "data/corrupt",
        message: expect.stringMatching(/^\S+(notes|empty|half|cut)\.\w+ is no image that can be read: [^\n]+[^.]\.$/),
      });
    }
    await expect(decodeImage(at("gone.png"), [3, 8, 8])).rejects.toThrow(/gone\.png is no image that can be read: .*missing/);
  });
});

describe("files and folders", () => {
  beforeAll(async () => {
    const album = at("album");
    await mkdir(join(album, "b", "deep"), { recursive: true });
    for (const name of ["img10.png", "img2.png", ".hidden.png", "b/one.png", "b/deep/two.png"])
      await writeFile(join(album, name), encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(name.length) }).png);
    await writeFile(join(album, "list.csv"), "a,b\n");
    await symlink(join(album, "img2.png"), join(album, "zlink.png"));
    await symlink(album, join(album, "b", "loop"), "dir");
  });

  it("are listed in the order of their names, with what lies in them", async () => {
    const listed = await listFiles([at("album"), at("album", "img2.png"), at("nowhere")]);
    expect(listed.map(({ path }) => relative(folder, path))).toEqual([
      "album/b/deep/two.png",
      "album/b/one.png",
      "album/img2.png",
      "album/img10.png",
      "album/list.csv",
      "album/zlink.png",
      "album/img2.png",
      "nowhere",
    ]);
    expect(listed.filter(({ error }) => error !== undefined)).toMatchObject([
      { error: { code: "data/missing", message: `There is no file or folder ${at("nowhere")}.` } },
    ]);
  });

  it("are read in batches, in order, and what is no image does not stop the rest", async () => {
    const read: (readonly [name: string, what: number | string])[] = [];
    const sizes: number[] = [];
    const look = ({ files, pixels, images }: ImageBatch): void => {
      expect(pixels.length).toBe(images);
      sizes.push(files.length);
      for (const file of files)
        read.push([relative(at("album"), file.path), file.error === undefined ? pixels[file.place]! : file.error.code]);
    };
    for await (const batch of readImages(await listFiles([at("album"), at("gone")]), { size: [1, 1, 1], batchSize: 3 }))
      look(batch);
    expect(sizes).toEqual([3, 3, 1]);
    expect(read).toEqual([
      ["b/deep/two.png", 14],
      ["b/one.png", 9],
      ["img2.png", 8],
      ["img10.png", 9],
      ["list.csv", "data/corrupt"],
      ["zlink.png", 8],
      ["../gone", "data/missing"],
    ]);
  });

  it("are read no further once that is asked for", async () => {
    const stop = new AbortController();
    let batches = 0;
    const listed = await listFiles([at("album")]);
    for await (const batch of readImages(listed, { size: [1, 1, 1], batchSize: 1, signal: stop.signal })) {
      expect(batch.files).toHaveLength(1);
      batches += 1;
      stop.abort();
    }
    expect(batches).toBe(1);
    expect(await readImages([], { size: [1, 1, 1], batchSize: 4 }).next()).toEqual({ done: true, value: undefined });
  });
});
