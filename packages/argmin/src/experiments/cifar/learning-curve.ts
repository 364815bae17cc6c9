import {
  ArgminError,
  canonicalJson,
  isJsonObject,
  messageOf,
  parseJson,
  writeFileAtomically,
  type JsonObject,
} from "@argmin/base";
import type { AccuracyMetric, EpochRecord } from "@argmin/nn";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** The learning curve on disk: what was trained with what, epoch by epoch, and what came of it. */
export class LearningCurve {
  readonly #path: string;
  readonly #settings: JsonObject;
  #epochs: JsonObject[];
  /** Whether there is such a file. */
  readonly isKept: boolean;
  result: JsonObject | undefined;

  private constructor(path: string, settings: JsonObject, kept: JsonObject | undefined) {
    this.#path = path;
    this.#settings = settings;
    const { epochs, result } = kept ?? {};
    this.#epochs = Array.isArray(epochs) ? epochs.filter(isJsonObject) : [];
    this.isKept = kept !== undefined;
    this.result = isJsonObject(result) ? result : undefined;
  }

  /**
   * The curve in that file, or a new one.
   *
   * @throws ArgminError `usage/invalid` if it belongs to a training with other settings, `json/invalid` or `data/missing` if it
   *   cannot be read.
   */
  static async open(path: string, settings: JsonObject): Promise<LearningCurve> {
    if (!existsSync(path)) return new LearningCurve(path, settings, undefined);
    const known = parseJson(await readText(path), path);
    const kept = isJsonObject(known) ? known : {};
    const others = differences(kept["settings"], settings);
    if (others.length > 0)
      throw new ArgminError(
        "usage/invalid",
        `${path} belongs to a training with other settings (${others.join("; ")}); give those, delete its folder, or keep this one apart with --study NAME.`,
      );
    return new LearningCurve(path, settings, kept);
  }

  /** How many epochs it knows. */
  get length(): number {
    return this.#epochs.length;
  }

  /**
   * Forgets what comes after so many epochs, since it is trained again, and the result with it.
   *
   * @returns whether it knows all the epochs before.
   */
  trim(epochs: number): boolean {
    const known = this.#epochs.filter(({ epoch }) => typeof epoch === "number" && epoch <= epochs);
    if (known.length < this.#epochs.length) this.result = undefined;
    this.#epochs = known;
    return known.length === epochs;
  }

  /** Adds an epoch and says whether it is the best so far. */
  add({ epoch, metrics, learningRate, seconds }: EpochRecord, accuracy: AccuracyMetric): boolean {
    const best = this.#best(accuracy);
    const known = Object.fromEntries(metricsOf(metrics));
    const record = { epoch, ...known, learningRate, seconds: Number(seconds.toFixed(2)) };
    this.#epochs.push(record);
    return best === undefined || valueOf(record, accuracy) > valueOf(best, accuracy);
  }

  /** What can be said of the training in a line. */
  summary(accuracy: AccuracyMetric, hasValidation: boolean): JsonObject {
    const best = this.#best(accuracy);
    const seconds = this.#epochs.reduce(
      (sum, record) => sum + (typeof record["seconds"] === "number" ? record["seconds"] : 0),
      0,
    );
    return {
      epochs: this.#epochs.length,
      trainingSeconds: Number(seconds.toFixed(1)),
      ...(hasValidation && best !== undefined ? { bestEpoch: best["epoch"] ?? null, [accuracy]: best[accuracy] ?? null } : {}),
    };
  }

  async save(): Promise<void> {
    const { result } = this;
    const document = { settings: this.#settings, epochs: this.#epochs, ...(result === undefined ? {} : { result }) };
    await writeFileAtomically(this.#path, `${JSON.stringify(document, undefined, 1)}\n`);
  }

  async finish(result: JsonObject): Promise<void> {
    this.result = result;
    await this.save();
  }

  #best(accuracy: AccuracyMetric): JsonObject | undefined {
    return this.#epochs.reduce<JsonObject | undefined>(
      (best, record) => (best === undefined || valueOf(record, accuracy) > valueOf(best, accuracy) ? record : best),
      undefined,
    );
  }
}

/** The metrics that are there. */
export function metricsOf(
  metrics: EpochRecord["metrics"] | Readonly<Record<string, number | undefined>>,
): readonly (readonly [string, number])[] {
  return Object.entries<number | undefined>({ ...metrics }).filter((entry): entry is [string, number] => entry[1] !== undefined);
}

/** Which settings differ: `seed 1, not 2`. */
function differences(kept: JsonObject[string] | undefined, wanted: JsonObject): readonly string[] {
  if (!isJsonObject(kept)) return ["it does not say which"];
  return [...new Set([...Object.keys(wanted), ...Object.keys(kept)])]
    .map((name) => [name, canonicalJson(kept[name] ?? null), canonicalJson(wanted[name] ?? null)] as const)
    .filter(([, old, now]) => old !== now)
    .map(([name, old, now]) => (old.length + now.length > 60 ? `other ${name}` : `${name} ${old}, not ${now}`));
}

function valueOf(record: JsonObject, metric: string): number {
  const value = record[metric];
  return typeof value === "number" ? value : Number.NEGATIVE_INFINITY;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new ArgminError("data/missing", `${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}
