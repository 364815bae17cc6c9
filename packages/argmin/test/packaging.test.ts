import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What a user of the published packages sees: the tarballs, installed into an empty folder outside the repository. */
describe("the packed packages", { timeout: 240_000 }, () => {
  let folder: string;
  let tarballs: ReadonlyMap<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "argmin-packed-"));
    await execute("npm", ["pack", "--workspaces", "--pack-destination", folder], { cwd: root });
    const names = await readdir(folder);
    tarballs = new Map(names.map((name) => [name.replace(/-\d.*$/, ""), join(folder, name)]));
  }, 120_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function install(name: string, packages: readonly string[]): Promise<string> {
    const home = join(folder, name);
    await mkdir(home);
    await writeFile(join(home, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const files = packages.map((wanted) => tarballs.get(wanted) ?? `no tarball of ${wanted}`);
    await execute("npm", ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", ...files], { cwd: home });
    return home;
  }

  it("run the main job, and their public types resolve", async () => {
    const home = await install("whole", [
      "argmin",
      "argmin-base",
      "argmin-search",
      "argmin-nn",
      "argmin-pictures",
      "argmin-dashboard",
      "argmin-vision",
    ]);
    const { stdout } = await execute("npx", ["argmin", "run", "mnist-2v7", "--trials", "1", "--seed", "5", "--json"], {
      cwd: home,
    });
    expect(JSON.parse(stdout)).toMatchObject({ study: { name: "mnist-2v7" } });

    await writeFile(
      join(home, "types.ts"),
      `import { defineExperiment } from "argmin";
       import { hp } from "@argmin/search";
       import { sequential } from "@argmin/nn";
       import { loadMnist } from "@argmin/vision";
       import { Rng } from "@argmin/base";
       export const used = [defineExperiment, hp.uniform, sequential, loadMnist, Rng.fromSeed];`,
    );
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "types.ts"];
    await execute(join(home, "node_modules", ".bin", "tsc"), flags, { cwd: home });
  });

  it("leave ONNX Runtime out where only the search is wanted", async () => {
    const home = await install("search-only", ["argmin-base", "argmin-search"]);
    await writeFile(
      join(home, "program.js"),
      `import { hp, minimize } from "@argmin/search";

       const result = await minimize({
         space: { x: hp.uniform(-5, 5), power: hp.choice([2, 4]) },
         objective: ({ x, power }) => Math.abs(x - 1) ** power,
         trials: 200,
         seed: 1,
       });

       console.log(result.best.value < 0.01 ? "found" : "missed");`,
    );
    const { stdout } = await execute("node", ["program.js"], { cwd: home });
    expect(stdout.trim()).toBe("found");
    expect(existsSync(join(home, "node_modules", "onnxruntime-node"))).toBe(false);
    expect(existsSync(join(home, "node_modules", "@argmin", "nn"))).toBe(false);
  });
});
