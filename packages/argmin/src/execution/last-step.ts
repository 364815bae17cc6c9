import { isJsonObject, sleep, type JsonObject, type JsonValue } from "@argmin/base";
import { livenessOf, type Study } from "@argmin/search";
import { finishAttribute, finishingAttribute, readFinish } from "../results/attributes.ts";
import { bestOf, type FinishRecord } from "../results/document.ts";

type Best = NonNullable<ReturnType<typeof bestOf>>;

/** What the last step needs to know, and how it is told of. */
export interface LastStep {
  readonly study: Study<unknown>;
  /** Aborts when nothing more should begin. */
  readonly signal: AbortSignal;
  /** Runs the experiment's `finish`; undefined if it was stopped. */
  readonly work: (best: Best) => Promise<JsonObject | undefined>;
  /** Told once, if another process is at the last step and is waited for. */
  readonly onWait: () => void;
}

/** How long the claim of a process on another machine, which cannot be looked at, holds without a sign of life. */
const claimMs = 120_000;
const lookMs = 250;

/**
 * The result of the last step for the study's best trial: kept from before, made now, or made by another process, which is waited
 * for. Of several processes one does the step; the claim of one that has ended passes to the next.
 */
export async function lastStep({ study, signal, work, onWait }: LastStep): Promise<FinishRecord | undefined> {
  for (let waited = false; ; waited = true) {
    const attributes = await study.attributes();
    const known = readFinish(attributes[finishAttribute]);
    const best = await bestTrial(study);
    if (best === undefined || known?.trial === best.number || signal.aborted) return known;
    const claim = await Claim.take(study, attributes[finishingAttribute]);
    if (claim === undefined) {
      if (!waited) onWait();
      await sleep(lookMs, signal).catch(() => undefined);
      continue;
    }
    try {
      return await perform(study, work);
    } finally {
      await claim.release();
    }
  }
}

/** With the claim in hand. Another process may have done the step, and given its claim back, just before. */
async function perform(study: Study<unknown>, work: LastStep["work"]): Promise<FinishRecord | undefined> {
  const known = readFinish((await study.attributes())[finishAttribute]);
  const best = await bestTrial(study);
  if (best === undefined || known?.trial === best.number) return known;
  const result = await work(best);
  if (result === undefined) return known;
  await study.setAttribute(finishAttribute, { trial: best.number, result });
  // As it is kept, so that it looks the same now and whenever it is shown again.
  return readFinish((await study.attributes())[finishAttribute]);
}

async function bestTrial(study: Study<unknown>): Promise<Best | undefined> {
  return bestOf(await study.storage.trials(study.definition.id, ["complete"]), study.direction);
}

/** The right to do the last step, renewed for as long as it is held. */
class Claim {
  readonly #study: Study<unknown>;
  readonly #timer: NodeJS.Timeout;
  #document: JsonObject;
  #renewal: Promise<unknown> = Promise.resolve();

  private constructor(study: Study<unknown>, document: JsonObject) {
    this.#study = study;
    this.#document = document;
    this.#timer = setInterval(() => {
      this.#renewal = this.#renew().catch(() => undefined);
    }, claimMs / 3);
  }

  /** Undefined if another process holds it. */
  static async take(study: Study<unknown>, held: JsonValue | undefined): Promise<Claim | undefined> {
    if (isHeld(held, study.clock.now())) return undefined;
    const document = claimOf(study);
    return (await study.replaceAttribute(finishingAttribute, held, document)) ? new Claim(study, document) : undefined;
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewal;
    // A database that cannot be written has its own error; a claim that stays there ends with this process.
    await this.#study.replaceAttribute(finishingAttribute, this.#document, null).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const next = claimOf(this.#study);
    if (await this.#study.replaceAttribute(finishingAttribute, this.#document, next)) this.#document = next;
  }
}

function claimOf(study: Study<unknown>): JsonObject {
  return { worker: study.worker, until: study.clock.now() + claimMs };
}

function isHeld(claim: JsonValue | undefined, now: number): boolean {
  if (!isJsonObject(claim)) return false;
  const { worker, until } = claim;
  if (typeof worker !== "string" || typeof until !== "number") return false;
  const liveness = livenessOf(worker);
  return liveness === "alive" || (liveness === "unknown" && until > now);
}
