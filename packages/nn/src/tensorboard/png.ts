import { crc32, deflateSync } from "node:zlib";

/** Pixels row by row, one byte a channel: grey, red green blue, or those and how opaque they are. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  /** `[height, width, channel]`, row-major. */
  readonly data: Uint8Array;
}

/** A picture as a PNG file, and how large it is. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** PNG's colour types. */
const colourTypes: { readonly [Channels in Pixels["channels"]]: number } = { 1: 0, 3: 2, 4: 6 };

/** Pixels as a PNG file. */
export function encodePng({ width, height, channels, data }: Pixels): PngImage {
  const stride = width * channels;
  if (data.length !== stride * height)
    throw new Error(`internal: ${data.length} bytes for ${height} rows of ${width} pixels of ${channels}`);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, colourTypes[channels]], 8);
  // A byte before each row says that it is not filtered.
  const rows = new Uint8Array((stride + 1) * height);
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  const chunks = [chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", new Uint8Array())];
  return { width, height, png: new Uint8Array(Buffer.concat([signature, ...chunks])) };
}

/** Length, type, data, and a checksum of the last two; big-endian. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(Buffer.from(type, "latin1"), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}
