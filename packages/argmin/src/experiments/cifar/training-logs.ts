import { isJsonObject, type JsonObject } from "@argmin/base";
import { EventFile, type AccuracyMetric, type HparamValue } from "@argmin/nn";
import { lightTheme, pictureText, toPng } from "@argmin/pictures";
import { join } from "node:path";
import { hparamColumns } from "../../results/hparam-columns.ts";
import type { Images } from "./images.ts";
import { judgeImages, predictionGrid, type JudgedImage } from "./prediction-grid.ts";

/** @file What TensorBoard shows of a training beside its epochs: the hyper-parameters and what came of them, the test set's images. */

/** A training as a session of the page of hyper-parameters. */
export interface LoggedSession {
  readonly folder: string;
  /** All that its course depends on; scalars are shown. */
  readonly settings: JsonObject;
  readonly accuracy: AccuracyMetric;
  /** Whether it goes on with a training that began before. */
  readonly goesOn: boolean;
  /** What came of it, once it is over, and after how many epochs. */
  readonly ended?: { readonly result: JsonObject; readonly epochs: number };
}

/** Writes the run `training`: what the session is, in place of what was said of it before. */
export async function logSession({ folder, settings, accuracy, goesOn, ended }: LoggedSession): Promise<void> {
  let startedAt = Date.now() / 1000;
  // In the folder itself its name would be a dot.
  const file = await EventFile.open(join(folder, "training"), { keepUntil: -1, now: () => startedAt });
  const endedAt = startedAt;
  if (goesOn) startedAt = file.earlier.since ?? startedAt;
  const hparams = hparamsOf(settings);
  const results = Object.entries(ended?.result ?? { [accuracy]: null }).filter(([name]) => /(accuracy|loss)$/i.test(name));
  file.experiment({
    name: "argmin retrain",
    createdAt: startedAt,
    hparams: hparamColumns(undefined, [hparams]),
    metrics: results.map(([name]) => ({ tag: `result/${name}`, title: name })),
  });
  file.sessionStart({ hparams, startedAt });
  if (ended !== undefined) {
    for (const [name, value] of results) if (typeof value === "number") file.scalar(`result/${name}`, value, ended.epochs);
    file.sessionEnd({ status: "success", endedAt });
  }
  await file.flush();
}

/** The point's parameters and the other settings by name; what is null has no value. */
function hparamsOf({ params, ...settings }: JsonObject): Readonly<Record<string, HparamValue>> {
  const values: JsonObject = { ...(isJsonObject(params) ? params : {}), ...settings };
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, HparamValue] => entry[1] !== null && typeof entry[1] !== "object"),
  );
}

/** How many of the test set's images are looked through for samples, and how many are shown of each kind. */
export const sampleCount = 512;
const shownCount = 24;

export interface LoggedTest {
  readonly folder: string;
  readonly images: Images;
  /** What the network gives the fine classes of the first images, `[image, class]`. */
  readonly predictions: Float32Array;
  readonly metrics: Readonly<Record<string, number | undefined>>;
  /** The epoch that the network is of. */
  readonly epoch: number;
}

/** Writes the run `test`: its metrics, and images that the network names rightly and wrongly. */
export async function logTest({ folder, images, predictions, metrics, epoch }: LoggedTest): Promise<void> {
  const file = await EventFile.open(join(folder, "test"), { keepUntil: -1 });
  for (const [name, value] of Object.entries(metrics)) if (value !== undefined) file.scalar(`metrics/${name}`, value, epoch);
  const judged = judgeImages(images, predictions);
  const right = judged.filter(({ label, guess }) => label === guess);
  const wrong = judged.filter(({ label, guess }) => label !== guess);
  const of = `of the first ${judged.length} test images`;
  await logGrid(file, "predictions/right", right, `Named rightly: ${right.length} ${of}`, { images, epoch });
  await logGrid(file, "predictions/wrong", wrong, `Named wrongly: ${wrong.length} ${of}`, { images, epoch });
  await file.flush();
}

async function logGrid(
  file: EventFile,
  tag: string,
  judged: readonly JudgedImage[],
  title: string,
  { images, epoch }: Pick<LoggedTest, "images" | "epoch">,
): Promise<void> {
  if (judged.length === 0) return;
  const picture = predictionGrid(images, judged.slice(0, shownCount), title, lightTheme);
  const scale = 1.5;
  const png = await toPng(pictureText(picture, lightTheme), { scale });
  const description = "Under each image its class and what the network says.";
  file.image(
    tag,
    { width: Math.round(scale * picture.width), height: Math.round(scale * picture.height), png },
    epoch,
    description,
  );
}
