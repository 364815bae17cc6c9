import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { argmin, argminHere, makeFolder, removeFolder } from "../command.ts";
import { place } from "../folder-fixture.ts";
import { expectRefusal } from "./refusal.ts";

let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
  await place("bad-inputs/fixtures/good.ts", folder);
  await writeFile(join(folder, "a-file"), "where a folder should be");
  await mkdir(join(folder, "a-folder"));
  const { code, stderr } = await argmin(["run", "good.ts", "--no-check"], folder);
  expect(stderr).toContain("all trials are done");
  expect(code).toBe(0);
});
afterAll(async () => removeFolder(folder));

const database = (): string => join(folder, "results", "argmin.db");

describe("a database that cannot be used", () => {
  it("is not there", async () => {
    expectRefusal(
      await argminHere(["best", "--storage", "elsewhere.db"], folder),
      4,
      /There is no database .*elsewhere\.db; 'argmin run' makes one/,
    );
  });

  it("is no database", async () => {
    await writeFile(join(folder, "garbage.db"), createHash("sha512").update("garbage").digest());
    expectRefusal(await argminHere(["trials", "--storage", "garbage.db"], folder), 5, /garbage\.db is no intact SQLite database/);
    expectRefusal(
      await argmin(["run", "good.ts", "--no-check", "--storage", "garbage.db"], folder),
      5,
      /garbage\.db is no intact SQLite database/,
    );
  });

  it("was cut off", async () => {
    await copyFile(database(), join(folder, "cut.db"));
    await truncate(join(folder, "cut.db"), (await readFile(database())).length - 1000);
    expectRefusal(await argminHere(["trials", "--storage", "cut.db"], folder), 5, /cut\.db is no intact SQLite database/);
  });

  it("comes from a later version", async () => {
    await copyFile(database(), join(folder, "newer.db"));
    const connection = new Database(join(folder, "newer.db"));
    connection.exec("update argmin_schema set version = 999");
    connection.close();
    expectRefusal(
      await argminHere(["trials", "--storage", "newer.db"], folder),
      5,
      /newer\.db has schema version 999, written by a newer argmin/,
    );
  });

  it("is a folder, or lies where there can be none", async () => {
    expectRefusal(
      await argmin(["run", "good.ts", "--no-check", "--storage", "a-folder"], folder),
      5,
      /Cannot write the database .*a-folder \(it is a folder\)/,
    );
    expectRefusal(
      await argmin(["run", "good.ts", "--no-check", "--out", "a-file/results"], folder),
      5,
      /Cannot write the database .*a-file/,
    );
  });
});

describe("results that cannot be written", () => {
  it("because the folder is a file", async () => {
    const ended = await argmin(["run", "good.ts", "--no-check", "--storage", "fresh.db", "--out", "a-file"], folder);
    expectRefusal(ended, 5, /The results folder .*a-file.good cannot be used/);
  });

  it("because an export has nowhere to go", async () => {
    expectRefusal(
      await argminHere(["export", "good", "--storage", database(), "--out", "a-file/trials.csv"], folder),
      5,
      /Cannot write .*trials\.csv/,
    );
  });

  it("because the disk is full", async (context) => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], { stdio: "pipe" });
    } catch {
      context.skip("this machine does not let its user mount a small disk");
    }
    try {
      const { code, stdout, stderr } = await argmin(["run", "good.ts", "--no-check", "--out", "disk", "--trials", "300"], folder);
      expect(stderr).toMatch(/\nargmin: No room on the disk to write .*; free some space .*\.\n$/);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stdout).toBe("");
      expect(code).toBe(5);
    } finally {
      execFileSync("umount", ["--lazy", disk]);
    }
  });
});

describe("a study or trial that is not there", () => {
  it("is named with what there is", async () => {
    expectRefusal(await argminHere(["best", "goood"], folder), 4, /There is no study 'goood' in .*\. Did you mean 'good'\?/);
    expectRefusal(
      await argminHere(["best", "--study", "other"], folder),
      4,
      /There is no study 'other' in .*\. It holds: good\./,
    );
    expectRefusal(await argminHere(["show", "99"], folder), 4, /The study 'good' has no trial 99; its trials are 0 to 2\./);
    expectRefusal(await argminHere(["reset", "other", "--yes"], folder), 4, /There is no study 'other'/);
  });
});

describe("a study that is to be deleted", () => {
  it("is not, as long as nobody says so", async () => {
    expectRefusal(await argminHere(["reset", "good"], folder), 2, /Deleting the study 'good' needs --yes/);
    expectRefusal(await argminHere(["reset", "good"], folder, "yes"), 2, /Nothing was deleted: 'yes' is not 'good'\./);
    expect((await argminHere(["best"], folder)).code).toBe(0);
  });
});

describe("a data set that cannot be used", () => {
  it("is damaged or missing", async () => {
    await mkdir(join(folder, "mnist"));
    for (const name of [
      "train-images-idx3-ubyte",
      "train-labels-idx1-ubyte",
      "t10k-images-idx3-ubyte",
      "t10k-labels-idx1-ubyte",
    ]) {
      await writeFile(join(folder, "mnist", name), "not what it says it is");
    }
    const damaged = await argmin(["run", "mnist-2v7", "--storage", "mnist.db", "--data", "mnist"], folder);
    expectRefusal(damaged, 6, /train-images-idx3-ubyte/);
    const missing = await argmin(["run", "mnist-2v7", "--storage", "mnist.db", "--data", "a-folder"], folder);
    expectRefusal(missing, 6, /a-folder/);
  });
});
