import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isArgminError, writeFileAtomically } from "@argmin/base";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-base-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("writeFileAtomically", () => {
  it("writes text and bytes, makes folders, replaces what was there and leaves nothing else", async () => {
    const path = join(folder, "a", "b.txt");
    await writeFileAtomically(path, "first, and longer");
    await writeFileAtomically(path, "second");
    expect(await readFile(path, "utf8")).toBe("second");
    await writeFileAtomically(path, Uint8Array.of(0, 255));
    expect([...(await readFile(path))]).toEqual([0, 255]);
    expect(await readdir(join(folder, "a"))).toEqual(["b.txt"]);
  });

  it("leaves the folder as it was when it fails", async () => {
    const path = join(folder, "taken");
    await mkdir(path);
    await expect(writeFileAtomically(path, "x")).rejects.toSatisfy((e) => isArgminError(e, "file/unwritable"));
    expect(await readdir(folder)).toEqual(["taken"]);
  });

  it("names the path when its folder is a file", async () => {
    await writeFile(join(folder, "file"), "");
    const path = join(folder, "file", "x");
    await expect(writeFileAtomically(path, "x")).rejects.toThrow(`Cannot write ${path}`);
    expect(await readFile(join(folder, "file"), "utf8")).toBe("");
  });

  it("lets writers of one file end with one writer's whole text", async () => {
    const path = join(folder, "shared");
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(1000 + i));
    await Promise.all(texts.map((text) => writeFileAtomically(path, text)));
    expect(texts).toContain(await readFile(path, "utf8"));
    expect(await readdir(folder)).toEqual(["shared"]);
  });
});
