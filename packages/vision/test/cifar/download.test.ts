import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isArgminError } from "@argmin/base";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cacheFolder } from "../../src/cache-folder.ts";
import { cifar100Layout, type CifarLayout } from "../../src/cifar/layout.ts";
import { obtainCifar, type ObtainOptions } from "../../src/cifar/obtain.ts";
import { progressLine } from "../../src/download/progress.ts";
import { archive, tinyCifar100 } from "./cifar-files.ts";

const official = Buffer.from(archive("cifar-100-binary", tinyCifar100()));
const half = Math.floor(official.length / 2);
const unpacked = "cifar-100-binary";
const packed = "cifar-100-binary.tar.gz";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** All bytes, or those asked for. */
const whole: Answer = (request, response) => {
  const from = Number(/^bytes=(\d+)-$/u.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (from >= official.length) response.writeHead(416, { "content-range": `bytes */${official.length}` }).end();
  else if (from === 0) response.writeHead(200, { "content-length": official.length }).end(official);
  else {
    const range = `bytes ${from}-${official.length - 1}/${official.length}`;
    response.writeHead(206, { "content-length": official.length - from, "content-range": range }).end(official.subarray(from));
  }
};

/** The first half, then a cut line: not before it is written, since a connection that fails takes what waits in it along. */
const broken: Answer = (_, response) => {
  response.writeHead(200, { "content-length": official.length });
  response.write(official.subarray(0, half));
  partHasHalf().then(
    () => response.socket?.end(),
    () => response.destroy(),
  );
};

async function partHasHalf(): Promise<void> {
  const check = async (): Promise<void> => {
    expect(await readFile(join(cache, `${packed}.part`))).toHaveLength(half);
  };
  await vi.waitFor(check, { interval: 5 });
}

const refusing: Answer = (_, response) => {
  response.destroy();
};

let folder: string;
let cache: string;
let server: Server;
let layout: CifarLayout;
/** What the server answers, request by request; the last answer is repeated. */
let answers: Answer[];
let ranges: (string | undefined)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-download-"));
  cache = join(folder, "argmin");
  vi.stubEnv("ARGMIN_DATA", "");
  vi.stubEnv("XDG_CACHE_HOME", folder);
  answers = [whole];
  ranges = [];
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    const [answer = whole] = answers;
    if (answers.length > 1) answers.shift();
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  layout = { ...cifar100Layout, address: `http://127.0.0.1:${port}/${packed}`, sha256: digest(official) };
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function obtain(options: ObtainOptions = {}): Promise<readonly string[]> {
  const files = await obtainCifar(layout, { pauses: [0, 0], ...options });
  for (const [name, bytes] of Object.entries(tinyCifar100())) expect(new Uint8Array(files.get(name)!.bytes)).toEqual(bytes);
  return [...files.keys()];
}

describe("a download", () => {
  it("is kept unpacked in the cache folder, and not repeated", async () => {
    const lines: string[] = [];
    await obtain({ log: (line) => lines.push(line) });
    expect(await readdir(cache)).toEqual([unpacked]);
    expect(lines[0]).toBe(`Downloading CIFAR-100 from ${layout.address} to ${cache}`);
    answers = [refusing];
    await obtain();
    expect(ranges).toEqual([undefined]);
  });

  it("goes on where it broke off", async () => {
    answers = [broken, whole];
    const lines: string[] = [];
    await obtain({ log: (line) => lines.push(line) });
    expect(ranges).toEqual([undefined, `bytes=${half}-`]);
    expect(lines.at(-1)).toMatch(/broke off after 0 MB \(.+\); trying again/u);
    expect(await readdir(cache)).toEqual([unpacked]);
  });

  it("goes on where an earlier process broke off, and says so when it must give up", async () => {
    answers = [broken, refusing];
    await expect(obtain()).rejects.toSatisfy(
      (error) =>
        isArgminError(error, "data/missing") &&
        error.message.includes(`${layout.address} broke off after 0 MB`) &&
        error.message.includes(
          `. Run it again to go on from there, put ${packed} at ${join(cache, packed)}, or set ARGMIN_DATA `,
        ),
    );
    expect(await readdir(cache)).toEqual([`${packed}.part`]);
    ranges = [];
    await expect(obtain()).rejects.toThrow("broke off after");
    expect(ranges).toHaveLength(1);
    answers = [whole];
    await obtain();
    expect(ranges.at(-1)).toBe(`bytes=${half}-`);
  });

  it("starts over when the server cannot go on", async () => {
    answers = [broken, (_, response) => response.writeHead(200, { "content-length": official.length }).end(official)];
    await obtain();
    expect(await readdir(cache)).toEqual([unpacked]);
  });

  it("starts over when the parts do not fit together", async () => {
    await mkdir(cache);
    await writeFile(join(cache, `${packed}.part`), new Uint8Array(half));
    await obtain();
    expect(ranges).toEqual([`bytes=${half}-`, undefined]);
  });

  it("takes a part file that was complete already", async () => {
    await mkdir(cache);
    await writeFile(join(cache, `${packed}.part`), official);
    await obtain();
    expect(await readdir(cache)).toEqual([unpacked]);
  });

  it("starts over from a part file that is too long", async () => {
    await mkdir(cache);
    await writeFile(join(cache, `${packed}.part`), Buffer.concat([official, official]));
    await obtain();
    expect(ranges).toEqual([`bytes=${2 * official.length}-`, undefined]);
  });

  it("is done once by processes that want it together, and taken over from one that died", async () => {
    const lines: string[] = [];
    await Promise.all([obtain({ log: (line) => lines.push(line) }), obtain({ log: (line) => lines.push(line) })]);
    expect(ranges).toHaveLength(1);
    expect(lines).toContain("Waiting for another process that downloads CIFAR-100");
    await rm(join(cache, unpacked), { recursive: true });
    await writeFile(join(cache, `${packed}.lock`), "");
    await utimes(join(cache, `${packed}.lock`), new Date(0), new Date(0));
    await obtain();
    expect(await readdir(cache)).toEqual([unpacked]);
  });

  it("stops when the signal says so, and leaves a part to go on from", async () => {
    const controller = new AbortController();
    answers = [
      (_, response) => {
        response.writeHead(200, { "content-length": official.length });
        response.write(official.subarray(0, half));
      },
    ];
    const stopped = expect(obtain({ signal: controller.signal })).rejects.toThrow("enough");
    await partHasHalf();
    controller.abort(new Error("enough"));
    await stopped;
    expect(await readdir(cache)).toEqual([`${packed}.part`]);
  });
});

describe("a download that cannot be", () => {
  it("says of another file what was found and wanted, and keeps none of it", async () => {
    const other = Buffer.from("<html>Moved</html>");
    answers = [(_, response) => response.writeHead(200).end(other)];
    await expect(obtain()).rejects.toSatisfy(
      (error) =>
        isArgminError(error, "data/corrupt") &&
        error.message.includes(layout.address) &&
        error.message.includes(`its SHA-256 is ${digest(other)} where ${layout.sha256} is wanted`) &&
        error.message.endsWith(`put the original file at ${join(cache, packed)}.`),
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it("says of a server that refuses what it answered", async () => {
    answers = [(_, response) => response.writeHead(404).end("no")];
    await expect(obtain()).rejects.toThrow(
      `CIFAR-100 is not on this machine, and ${layout.address} does not hand it out: it answered 404 Not Found. To go on, put ${packed} at`,
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it("says of a machine without network what to do", async () => {
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await expect(obtain()).rejects.toSatisfy(
      (error) =>
        isArgminError(error, "data/missing") &&
        /^CIFAR-100 is not on this machine, and http:\S+ cannot be reached \(.*ECONNREFUSED.*\)\. Connect this machine to the network, put cifar-100-binary\.tar\.gz at \S+, or set ARGMIN_DATA to the folder that has it\.$/u.test(
          error.message,
        ),
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it("says of a full disk where there is no room, and gives the room back", async (context) => {
    if (process.platform !== "linux") context.skip("/dev/full plays the full disk, and only Linux has it");
    await mkdir(cache);
    await symlink("/dev/full", join(cache, `${packed}.part`));
    await expect(obtain()).rejects.toSatisfy(
      (error) => isArgminError(error, "file/full") && error.message.startsWith(`No room on the disk to write ${cache}`),
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it("says of a cache folder that cannot be made which it is", async () => {
    await writeFile(cache, "a file");
    await expect(obtain()).rejects.toSatisfy((error) => isArgminError(error, "file/unwritable") && error.message.includes(cache));
    expect(await readFile(cache, "utf8")).toBe("a file");
  });
});

describe("progressLine", () => {
  it("says how much, how fast, and how long it takes", () => {
    const at = { received: 45e6, before: 5e6, total: 165e6, seconds: 10 };
    expect(progressLine(at)).toBe("45 of 165 MB (27 %), 4.0 MB/s, 30 s left");
    expect(progressLine({ ...at, received: 6e6 })).toBe("6 of 165 MB (3 %), 0.1 MB/s, 27 min left");
    expect(progressLine({ ...at, received: 5.1e6 })).toBe("5 of 165 MB (3 %), 0.0 MB/s, 4 h 27 min left");
    expect(progressLine({ ...at, received: 5e6 })).toBe("5 of 165 MB (3 %), 0.0 MB/s");
    expect(progressLine({ ...at, total: undefined })).toBe("45 MB, 4.0 MB/s");
  });
});

describe("cacheFolder", () => {
  it("is the usual place of each system", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/var/cache" }, "linux")).toBe(join("/var/cache", "argmin"));
    expect(cacheFolder({ XDG_CACHE_HOME: "relative" }, "linux")).toMatch(/\.cache.argmin$/u);
    expect(cacheFolder({}, "darwin")).toMatch(/Library.Caches.argmin$/u);
    expect(cacheFolder({ LOCALAPPDATA: "local" }, "win32")).toBe(join("local", "argmin", "Cache"));
    expect(cacheFolder({}, "win32")).toMatch(/AppData.Local.argmin.Cache$/u);
  });
});
