import { ArgminError, writeFileAtomically } from "@argmin/base";
import type { NetworkLayer, TrainedNetwork } from "@argmin/nn";
import { darkTheme, lightTheme, writePicture } from "@argmin/pictures";
import {
  arrangeFilters,
  compareMethods,
  drawGrid,
  exciteFilters,
  gridFileName,
  strongestSquare,
  type AscentMethod,
  type FilterGrid,
  type MethodResult,
} from "@argmin/vision";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { didYouMean } from "../flags/suggestion.ts";
import { shownPath } from "../loading/shown-path.ts";
import { FilterProgress, renderExcited } from "../render/filters.ts";
import type { Terminal } from "../terminal.ts";
import type { filtersFlags } from "./flags.ts";
import { printDocument, printText } from "./output.ts";
import { findTrainedNetwork } from "./trained-network.ts";

type Input = CommandInput<typeof filtersFlags>;

/** Steps of an ascent unless `--steps` says otherwise: with more, pictures change little. */
const usualSteps = 20;
/**
 * How images are kept plain unless flags say otherwise: without it those of first layers are half noise, and with more the stripes of
 * two pixels that they look for begin to fade.
 */
const usualMethod = { jitter: 1, totalVariation: 0.1, l2: 0 } as const satisfies AscentMethod;
/** What is compared unless flags say otherwise: as much as shows. */
const comparedMethod = { jitter: 1, totalVariation: 0.2, l2: 0.5 } as const satisfies AscentMethod;
/**
 * What each pixel of an image costs in a step beside the multiplications of convolutions, as so many of those: activations, sums and
 * the change of the image itself. Measured with `simplecnn-cifar100` and the best network of `vooban-cifar100`.
 */
const workOfPixel = 15_000;
/** Filters of a comparison unless `--count` says otherwise. */
const comparedFilters = 16;

/** `argmin filters`. */
export async function filters({ words: [word = ""], flags, options }: Input, terminal: Terminal): Promise<ExitName> {
  const { network, file, facts } = await findTrainedNetwork(word, flags, options, terminal);
  const methods = methodsOf(flags);
  const count = flags.count ?? (flags.compare === true ? comparedFilters : undefined);
  const besides = workOfPixel * network.inputShape.slice(1).reduce((product, size) => product * size, 1);
  const tasks = chooseLayers(network, flags.layers).map(({ name, shape: [total = 1], multiplyAdds }) => {
    const chosen = spread(total, count);
    // What one way of exciting takes of the time that all of them take.
    return { layer: name, total, chosen, work: (multiplyAdds + besides) * chosen.length };
  });
  const work = methods.length * tasks.reduce((sum, task) => sum + task.work, 0);
  const progress = new FilterProgress(terminal.messages, work);
  const folder = flags.out === undefined ? join(dirname(file), "filters") : resolve(terminal.folder, flags.out);
  const startedAt = performance.now();
  const documents: LayerDocument[] = [];
  try {
    for (const task of tasks) documents.push(await drawLayer({ ...task, network, methods, folder, flags, progress }));
  } finally {
    progress.close();
  }
  const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(1));
  if (flags.json === true) {
    const { steps = usualSteps, seed = 0 } = flags;
    printDocument(terminal, { ...facts, file, steps, seed, layers: documents, seconds });
  } else {
    const files = documents.flatMap((document) => document.files);
    if (files.length > 0) printText(terminal, files.map((path) => shownPath(path, terminal.folder)).join("\n"));
  }
  return "ok";
}

/** A layer to be drawn. */
interface LayerTask {
  readonly network: TrainedNetwork;
  readonly layer: string;
  readonly total: number;
  readonly chosen: readonly number[];
  readonly work: number;
  readonly methods: readonly AscentMethod[];
  readonly folder: string;
  readonly flags: Input["flags"];
  readonly progress: FilterProgress;
}

/** What the document says of a layer. */
interface LayerDocument {
  readonly layer: string;
  readonly total: number;
  /** Rows of the grid, and columns; 0 where nothing excited any filter. */
  readonly grid: number;
  readonly silent: readonly number[];
  readonly methods: readonly object[];
  readonly files: readonly string[];
}

/** Excites a layer's filters in each way, and writes the picture. */
async function drawLayer(task: LayerTask): Promise<LayerDocument> {
  const { network, layer, total, chosen, work, methods, flags, progress } = task;
  const results: MethodResult[] = [];
  for (const method of methods) {
    const startedAt = performance.now();
    const excited = await exciteFilters(network, {
      ...method,
      layer,
      filters: chosen,
      steps: flags.steps ?? usualSteps,
      seed: flags.seed ?? 0,
      device: flags.device ?? "cpu",
      threads: flags.threads ?? availableParallelism(),
      onStep: (done, count) => progress.step({ layer, work, done, count, milliseconds: performance.now() - startedAt }),
    });
    progress.finish(work);
    results.push({ method, excited });
  }
  const [first, ...others] = results;
  if (first === undefined) throw new Error("internal: filters excited in no way");
  const excitedOnly = arrangeFilters(first.excited);
  // A comparison shows the silent ones too, which another way may wake.
  const grid = flags.compare === true ? { ...excitedOnly, ...strongestSquare(first.excited.filters) } : excitedOnly;
  const files = await writeLayer([first, ...others], grid, task);
  progress.line(renderExcited({ layer, filters: chosen.length, total }, grid));
  return {
    layer,
    total,
    grid: grid.side,
    silent: grid.silent,
    methods: results.map(({ method: { jitter, totalVariation, l2 }, excited }) => ({
      jitter,
      totalVariation,
      l2,
      filters: excited.filters.map(({ filter, before, activation }) => ({ filter, before, activation })),
    })),
    files,
  };
}

async function writeLayer(
  results: readonly [MethodResult, ...MethodResult[]],
  grid: FilterGrid,
  { layer, folder, flags }: LayerTask,
): Promise<readonly string[]> {
  if (flags.compare === true) {
    const theme = flags.theme === "dark" ? darkTheme : lightTheme;
    return writePicture(join(folder, `${layer}_methods`), compareMethods(results, theme), { theme });
  }
  const [{ excited }] = results;
  if (grid.side === 0) return [];
  const path = join(folder, gridFileName(excited, grid));
  await writeFileAtomically(path, drawGrid(excited, grid).png);
  return [path];
}

/** The way that was asked for; or, to be compared, none, each alone and all at once. */
function methodsOf({ compare, jitter, "total-variation": totalVariation, l2 }: Input["flags"]): readonly AscentMethod[] {
  const usual = compare === true ? comparedMethod : usualMethod;
  const method = { jitter: jitter ?? usual.jitter, totalVariation: totalVariation ?? usual.totalVariation, l2: l2 ?? usual.l2 };
  if (compare !== true) return [method];
  const off = { jitter: 0, totalVariation: 0, l2: 0 };
  const alone = (name: keyof AscentMethod): AscentMethod => ({ ...off, [name]: method[name] });
  return [off, alone("jitter"), alone("totalVariation"), alone("l2"), method];
}

/** Filters evenly spread over a layer's, all of them unless fewer are asked for. */
function spread(total: number, count = total): readonly number[] {
  const asked = Math.min(count, total);
  return Array.from({ length: asked }, (_, place) => Math.floor((place * total) / asked));
}

/** Layers by their names, in which `*` stands for anything; unless named, every convolution, where its filters speak. */
function chooseLayers(network: TrainedNetwork, names: string | undefined): readonly NetworkLayer[] {
  if (names === undefined) {
    const convolutions = network.layers.filter(({ isConvolution }) => isConvolution);
    if (convolutions.length === 0)
      throw new ArgminError(
        "usage/invalid",
        `${network.name} has no convolutions; choose among its layers by --layers: ${listed(network)}.`,
      );
    const speaking = new Set(convolutions.map(({ speaksBehind }) => speaksBehind));
    return network.layers.filter(({ name }) => speaking.has(name));
  }
  const chosen = new Set<string>();
  for (const name of names.split(",").map((part) => part.trim())) {
    const pattern = new RegExp(
      `^${name
        .split("*")
        .map((part) => part.replaceAll(/[^\w]/g, String.raw`\$&`))
        .join(".*")}$`,
    );
    const found = network.layers.filter((layer) => pattern.test(layer.name));
    if (found.length === 0)
      throw new ArgminError(
        "usage/invalid",
        `${network.name} has no layer '${name}'; it has ${listed(network)}.${didYouMean(
          name,
          network.layers.map((layer) => layer.name),
        )}`,
      );
    for (const layer of found) chosen.add(layer.name);
  }
  return network.layers.filter(({ name }) => chosen.has(name));
}

function listed({ layers }: TrainedNetwork): string {
  return layers.map(({ name }) => name).join(", ");
}
