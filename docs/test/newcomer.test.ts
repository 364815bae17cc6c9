import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const readme = readFileSync(`${root}README.md`, "utf8");

/** The install blocks are the two that no guide test runs: one takes minutes, the other is this suite. */
describe("the README's two commands", () => {
  const commands = [...readme.matchAll(/^```install\n([^]*?)^```$/gm)].flatMap(([, code = ""]) => code.trim().split("\n"));

  it("are one to run the main job and one to test", () => {
    expect(commands).toEqual(["npm ci && npm start", "npm ci && npm test"]);
  });

  it("name scripts that exist", () => {
    expect(manifest.scripts["start"]).toMatch(/argmin run mnist-2v7/);
    expect(manifest.scripts["test"]).toMatch(/vitest run --coverage/);
  });

  it("leave no placeholder in the text", () => {
    expect(readme).not.toMatch(/@@|TODO|TBD/);
  });
});
