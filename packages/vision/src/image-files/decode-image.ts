import { ArgminError, isArgminError, messageOf } from "@argmin/base";
import type sharp from "sharp";

/** The size of images as a network wants them: channels (1 grey, 3 red, green, blue), height and width. */
export type ImageSize = readonly [channels: number, height: number, width: number];

/**
 * The pixels of an image file, PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG, as a network wants them: `[channels, height, width]`, 0 to 255.
 *
 * The image is turned as its camera held it, scaled until it covers the size, and cut evenly at both sides where its proportions are
 * others; what is transparent becomes white, colours become sRGB's, 16 bits become 8; of several pictures the first counts.
 *
 * @throws ArgminError `data/corrupt`, naming the file, if it is no image that can be read.
 */
export async function decodeImage(path: string, [channels, height, width]: ImageSize): Promise<Uint8Array> {
  const sharp = await loadSharp();
  try {
    const image = sharp(path, { failOn: "error" });
    const { depth } = await image.metadata();
    if (!wholeNumbers.has(depth)) throw new ArgminError("data/corrupt", unknownRange(path, depth));
    const { data, info } = await image
      .autoOrient()
      .resize(width, height, { fit: "cover" })
      .flatten({ background: "#ffffff" })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== channels || data.length !== channels * height * width)
      throw new ArgminError("data/corrupt", `${path} has ${info.channels} channels where ${channels} are wanted.`);
    return planesOf(data, channels);
  } catch (error) {
    if (isArgminError(error)) throw error;
    throw new ArgminError("data/corrupt", `${path} is no image that can be read: ${reasonOf(error)}.`, { cause: error });
  }
}

/** What is known to mean black to white from 0 to the largest there is. */
const wholeNumbers: ReadonlySet<string> = new Set(["uchar", "ushort"]);

function unknownRange(path: string, depth: string): string {
  return `${path} has pixels of type ${depth}, and nothing says which numbers are black and white; save it with 8 or 16 bits a channel.`;
}

/** One plane a channel, where the file has the channels of each pixel beside one another. */
function planesOf(data: Uint8Array, channels: number): Uint8Array {
  const area = data.length / channels;
  const planes = new Uint8Array(data.length);
  for (let channel = 0; channel < channels; channel++)
    for (let pixel = 0; pixel < area; pixel++) planes[channel * area + pixel] = data[pixel * channels + channel]!;
  return planes;
}

/** The library's message in few words and one line, without the path it begins with. */
function reasonOf(error: unknown): string {
  const [line = ""] = messageOf(error).trim().split("\n");
  if (/unsupported image format/i.test(line)) return "its format is not known";
  if (/exceeds pixel limit/i.test(line)) return "it has more than 268 million pixels, the most that are read at a time";
  return line.replace(/[. ]+$/, "");
}

type Sharp = typeof sharp;

let loaded: Promise<Sharp> | undefined;

/** The decoder is a large library: it is loaded with the first image. */
function loadSharp(): Promise<Sharp> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  // No image is read twice, and several are read at a time: what it keeps, and threads of its own for each, would only cost.
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}
