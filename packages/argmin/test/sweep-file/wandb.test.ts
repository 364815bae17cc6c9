import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { corpusFiles, corpusPath, outcomes } from "./corpus.ts";

const python = process.env["ARGMIN_PYTHON"];
const script = fileURLToPath(new URL("../../../../bench/peers/judge_sweeps.py", import.meta.url));
const execute = promisify(execFile);

type Verdicts = Readonly<Record<string, { readonly schema: string | null; readonly package: string | null }>>;

async function canJudge(): Promise<string | undefined> {
  if (python === undefined || python === "") return "ARGMIN_PYTHON names no Python";
  return execute(python, ["-c", "import sweeps, yaml"]).then(
    () => undefined,
    () => "the Python of ARGMIN_PYTHON lacks sweeps or PyYAML",
  );
}

describe("Weights & Biases", { timeout: 600_000 }, () => {
  it("accepts and refuses the same sweep files, with the differences that are written down", async (context) => {
    const reason = await canJudge();
    if (reason !== undefined || python === undefined) {
      context.skip(reason);
      return;
    }
    const { stdout } = await execute(python, [script, "judge", ...corpusFiles().map(corpusPath)], { maxBuffer: 2 ** 26 });
    const verdicts: Verdicts = JSON.parse(stdout);
    const unlike: string[] = [];
    for (const [file, { refused, wandb }] of Object.entries(outcomes())) {
      const { schema, package: said } = verdicts[corpusPath(file)]!;
      // The package asks the schema first, and then for what no schema can say.
      if ((said === null) !== (wandb?.accepts ?? refused === undefined))
        unlike.push(`${file}: W&B's package says ${said ?? "yes"}`);
      if (refused === undefined && schema !== null) unlike.push(`${file}: W&B's schema says ${schema}`);
    }
    expect(unlike).toEqual([]);
  });
});
