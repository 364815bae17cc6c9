import { isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sweepSchema } from "../../src/sweep-file/keys.ts";
import { parseText } from "../../src/sweep-file/parse.ts";
import { Remarks } from "../../src/sweep-file/problems.ts";
import { anything } from "../../src/sweep-file/shape.ts";
import { corpusFiles, corpusText, outcomes } from "./corpus.ts";
import { isValid } from "./json-schema.ts";

const path = fileURLToPath(new URL("../../schema/sweep.schema.json", import.meta.url));

describe("the JSON Schema of sweep files", () => {
  it("is the one that follows from the reader's keys; 'npx vitest run sweep-file -u' writes it anew", async () => {
    await expect(`${JSON.stringify(sweepSchema(), undefined, 2)}\n`).toMatchFileSnapshot(path);
  });

  it("judges the corpus as the reader does, but for what a schema cannot say", () => {
    const schema: JsonValue = JSON.parse(readFileSync(path, "utf8"));
    if (!isJsonObject(schema)) throw new Error("the schema is no object");
    const unlike: string[] = [];
    for (const file of corpusFiles()) {
      const value = plain(file);
      const outcome = outcomes()[file];
      if (value === undefined || outcome === undefined) continue;
      const expected = outcome.schema?.accepts ?? outcome.refused === undefined;
      if (isValid(value, schema, schema) !== expected) unlike.push(`${file}: the schema ${expected ? "refuses" : "accepts"} it`);
    }
    expect(unlike).toEqual([]);
  });
});

/** What the file says, if it can be read at all. */
function plain(file: string): JsonObject | JsonValue | undefined {
  const remarks = new Remarks(file);
  const node = parseText(corpusText(file), file.endsWith(".json") ? "json" : "yaml", remarks);
  return node && anything().read(node, "", remarks);
}
