import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";

/** What is answered to a line of metrics. */
export type LineAnswer = { readonly pruned: false } | { readonly pruned: true; readonly reason: string };

/** An address of this machine alone that takes metrics by POST, one JSON object a line. */
export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A report is a few numbers; what is longer is no report. */
const mostBytes = 2 ** 20;

/**
 * Opens the address. The answer to a POST is `{"pruned": false}`, or `{"pruned": true, "reason": "..."}` where the trial is hopeless; to a body that
 * has no metrics, a sentence with status 400. Others than the program cannot guess the path.
 *
 * @param onLine - Takes a line; undefined says that there are no metrics in it.
 */
export async function openMetricsServer(onLine: (line: string) => Promise<LineAnswer> | undefined): Promise<MetricsServer> {
  const path = `/${randomBytes(16).toString("hex")}`;
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json", connection: "close" }).end(`${JSON.stringify(body)}\n`);
    };
    if (request.method !== "POST" || request.url !== path)
      return answer(404, { error: "Metrics are posted to ARGMIN_METRICS_URL." });
    void bodyOf(request).then(async (body) => {
      const lines = body.split("\n").filter((line) => line.trim() !== "");
      const answers = lines.map(onLine).filter((found) => found !== undefined);
      if (answers.length === 0 || answers.length < lines.length)
        return answer(400, { error: 'The body should be JSON objects with numbers, one a line, such as {"loss": 0.5}.' });
      const settled = await Promise.all(answers);
      answer(200, settled.find(({ pruned }) => pruned) ?? { pruned: false });
    });
  });
  await new Promise<void>((settle, refuse) => server.once("error", refuse).listen(0, "127.0.0.1", settle));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: () =>
      new Promise((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request) {
      const buffer = Buffer.from(part);
      bytes += buffer.length;
      if (bytes > mostBytes) return "";
      parts.push(buffer);
    }
  } catch {
    // Whoever sent it is gone.
    return "";
  }
  return Buffer.concat(parts).toString("utf8");
}
