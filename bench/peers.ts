import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { ArgminError, hashJson, isJsonObject, messageOf, parseJson, writeFileAtomically, type JsonObject } from "@argmin/base";
import type { Environment } from "@argmin/nn";

const folder = join(import.meta.dirname, "peers");

/** One side of a benchmark, running in a process that answers one JSON line with one JSON line. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** The answer as it came. */
  readonly exchange: (request: JsonObject) => Promise<JsonObject>;
  readonly ask: (request: JsonObject) => Promise<Answer>;
  /** The seconds alone. */
  readonly secondsFor: (request: JsonObject) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface Answer {
  /** How long the work took, as the process itself measured it. */
  readonly seconds: number;
  /** The most memory the process ever held, where it says so. */
  readonly peakBytes: number | undefined;
}

/**
 * Starts one of the scripts in `bench/peers/`.
 *
 * @throws ArgminError `usage/invalid` if it does not come up, with the last of what it said.
 */
export function startPeer(python: string, script: string): Promise<Peer> {
  // A script that is told of threads sets as many itself; others would have PyTorch's spin on every core.
  return startProcess(python, [join(folder, script)], { OMP_NUM_THREADS: "1", ...process.env });
}

/**
 * Starts a command that speaks the protocol of `bench/peers/protocol.py`.
 *
 * @throws ArgminError `usage/invalid` if it does not come up, with the last of what it said.
 */
export async function startProcess(command: string, words: readonly string[], env: Environment = process.env): Promise<Peer> {
  const script = basename(words.at(-1) ?? command);
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "pipe"], env });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  // A peer that has died is told of by its missing answer.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<undefined>((resolve) => {
    child.once("error", (error) => {
      complaints += messageOf(error);
      resolve(undefined);
    });
    child.once("close", () => resolve(undefined));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextAnswer = async (): Promise<JsonObject> => {
    const line = await Promise.race([lines.next(), ended]);
    if (line === undefined || line.done === true) {
      await ended;
      throw new ArgminError("usage/invalid", `${command} could not run ${script}: ${complaints.trim()}`);
    }
    const answer = parseJson(line.value, `The answer of ${script}`);
    if (!isJsonObject(answer)) throw new ArgminError("json/invalid", `${script} answered ${line.value}; an object was expected.`);
    return answer;
  };
  const { name, version } = await nextAnswer();
  if (typeof name !== "string" || typeof version !== "string") {
    throw new ArgminError("json/invalid", `${script} began without its name and version.`);
  }
  const exchange = (request: JsonObject): Promise<JsonObject> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return nextAnswer();
  };
  const ask = async (request: JsonObject): Promise<Answer> => {
    const { seconds, peakBytes } = await exchange(request);
    if (typeof seconds !== "number") throw new ArgminError("json/invalid", `${script} answered without "seconds".`);
    return { seconds, peakBytes: typeof peakBytes === "number" ? peakBytes : undefined };
  };
  return {
    name,
    version,
    exchange,
    ask,
    secondsFor: async (request) => (await ask(request)).seconds,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/**
 * The interpreter of `bench/peers/.venv`, which is made on first use and whenever `requirements.txt` changes.
 *
 * @throws ArgminError `usage/invalid` if Python is missing or a package cannot be installed.
 */
export async function preparePython(): Promise<string> {
  const requirements = join(folder, "requirements.txt");
  const environment = join(folder, ".venv");
  const python = process.platform === "win32" ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");
  // Written last, so that an installation that was cut short is begun again.
  const stamp = join(environment, "requirements.sha256");
  const wanted = hashJson(await readFile(requirements, "utf8"));
  const present = await readFile(stamp, "utf8").catch(() => "");
  if (present === wanted) return python;
  process.stderr.write(`Installing the peers into ${environment} (PyTorch may take several minutes) ...\n`);
  await runQuietly(await findPython(), ["-m", "venv", environment]);
  await runQuietly(python, ["-m", "pip", "install", "--disable-pip-version-check", "-r", requirements]);
  await writeFileAtomically(stamp, wanted);
  return python;
}

async function findPython(): Promise<string> {
  for (const name of ["python3", "python"]) {
    const found = await promisify(execFile)(name, ["-c", "import venv"]).then(
      () => true,
      () => false,
    );
    if (found) return name;
  }
  throw new ArgminError(
    "usage/invalid",
    "The peers need Python 3 with its venv module, and there is none on the PATH; install it or give --python PATH.",
  );
}

/** The installer's own output goes to stderr, so that stdout keeps the results alone. */
async function runQuietly(command: string, words: readonly string[]): Promise<void> {
  const child = spawn(command, words, { stdio: ["ignore", process.stderr, process.stderr] });
  const [code] = await once(child, "close");
  if (code !== 0) {
    throw new ArgminError(
      "usage/invalid",
      `"${command} ${words.join(" ")}" ended with ${code}; see above, or give --python PATH.`,
    );
  }
}
