import { describe, expect, it } from "vitest";
import { toCsv } from "../../src/results/csv.ts";
import type { TrialDocument } from "../../src/results/document.ts";

const trial: TrialDocument = {
  number: 0,
  state: "complete",
  params: { lr: 0.01, "layer, first": 'a "quoted" word' },
  value: 0.5,
  duration: 1.25,
  attributes: { note: "two\nlines" },
  startedAt: "2026-01-01T00:00:00.000Z",
  finishedAt: "2026-01-01T00:00:01.250Z",
  attempts: 1,
};

describe("CSV", () => {
  it("follows RFC 4180: CRLF, quotes where needed, quotes doubled inside", () => {
    const failed: TrialDocument = {
      ...trial,
      number: 1,
      state: "failed",
      params: { lr: 1e-7, extra: { option: 1 }, residual: null },
      value: null,
      attributes: {},
      error: { code: null, message: "a,b", stack: null },
    };
    expect(toCsv([trial, failed])).toBe(
      [
        'number,state,value,duration,started_at,finished_at,attempts,step,reason,error_code,error,params.lr,"params.layer, first",params.extra,params.residual,attributes.note',
        '0,complete,0.5,1.25,2026-01-01T00:00:00.000Z,2026-01-01T00:00:01.250Z,1,,,,,0.01,"a ""quoted"" word",,,"two\nlines"',
        '1,failed,,1.25,2026-01-01T00:00:00.000Z,2026-01-01T00:00:01.250Z,1,,,,"a,b",1e-7,,"{""option"":1}",null,',
        "",
      ].join("\r\n"),
    );
  });

  it("of no trials is its heading", () => {
    expect(toCsv([])).toBe("number,state,value,duration,started_at,finished_at,attempts,step,reason,error_code,error\r\n");
  });
});
