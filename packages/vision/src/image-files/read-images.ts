import { isArgminError, type ArgminError } from "@argmin/base";
import { decodeImage, type ImageSize } from "./decode-image.ts";
import type { ListedFile } from "./list-files.ts";

/** Some files, and the pixels of those that are images. */
export interface ImageBatch {
  readonly files: readonly ReadFile[];
  /** `[images, channels, height, width]`, 0 to 255: valid until the next batch but one is asked for. */
  readonly pixels: Uint8Array;
  readonly images: number;
}

/** A file and its place among the batch's pixels, or what is wrong with it. */
export type ReadFile =
  | { readonly path: string; readonly place: number; readonly error?: undefined }
  | { readonly path: string; readonly error: ArgminError };

export interface ReadImagesOptions {
  readonly size: ImageSize;
  /** Files at a time. */
  readonly batchSize: number;
  readonly signal?: AbortSignal | undefined;
}

/** Files read at the same time. */
const lanes = 4;

/**
 * Reads files in batches, in their order, always one batch ahead of who looks at them: two batches are held, however many files there are.
 */
export async function* readImages(
  listed: readonly ListedFile[],
  { size, batchSize, signal }: ReadImagesOptions,
): AsyncGenerator<ImageBatch, void, undefined> {
  const length = size.reduce((product, each) => product * each, 1);
  const rooms = [0, 1].map(() => new Uint8Array(Math.min(batchSize, listed.length) * length));
  const read = (from: number): Promise<ImageBatch> | undefined =>
    from < listed.length
      ? readBatch(listed.slice(from, from + batchSize), size, rooms[(from / batchSize) % 2]!, signal)
      : undefined;
  let next = read(0);
  for (let from = 0; next !== undefined; from += batchSize) {
    const batch = await next;
    if (signal?.aborted) return;
    next = read(from + batchSize);
    // Nobody waits for it until this batch was looked at.
    next?.catch(() => undefined);
    yield batch;
  }
}

async function readBatch(
  listed: readonly ListedFile[],
  size: ImageSize,
  room: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<ImageBatch> {
  const decoded: (Uint8Array | ArgminError)[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < listed.length) {
      if (signal?.aborted) return;
      const at = next;
      next += 1;
      const { path, error } = listed[at]!;
      decoded[at] = error ?? (await decodeImage(path, size).catch(onlyOurs));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  let images = 0;
  const files = decoded.map((result, at): ReadFile => {
    const { path } = listed[at]!;
    if (!(result instanceof Uint8Array)) return { path, error: result };
    room.set(result, images * result.length);
    images += 1;
    return { path, place: images - 1 };
  });
  const length = size.reduce((product, each) => product * each, 1);
  return { files, images, pixels: room.subarray(0, images * length) };
}

function onlyOurs(error: unknown): ArgminError {
  if (isArgminError(error)) return error;
  throw error;
}
