import { ArgminError, messageOf } from "@argmin/base";
import { darkTheme, lightTheme, writePicture } from "@argmin/pictures";
import { drawNetwork, graphOfModel, graphOfOnnx, type DrawingLevel, type NetworkGraph } from "@argmin/vision";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { shownPath } from "../loading/shown-path.ts";
import { fillOptions } from "../options.ts";
import { formatNumber } from "../render/format.ts";
import type { Terminal } from "../terminal.ts";
import { findPoint } from "./find-point.ts";
import type { drawFlags } from "./flags.ts";
import { openExperiment } from "./open-experiment.ts";
import { networkFile } from "./open-model.ts";
import { printDocument, printText } from "./output.ts";
import { pictureFormats } from "./picture-formats.ts";
import { places, studyFolder } from "./studies.ts";

type Input = CommandInput<typeof drawFlags>;

/** A network to be drawn, and where its files go unless `--out` says otherwise. */
interface Subject {
  readonly graph: NetworkGraph;
  readonly title: string;
  readonly folder: string;
  /** Of the files, without what ends them. */
  readonly stem: string;
  /** What the document says of it. */
  readonly facts: object;
}

/** `argmin draw`. */
export async function draw(input: Input, terminal: Terminal): Promise<ExitName> {
  const { words, flags } = input;
  const word = words[0] ?? "";
  const path = await networkFile(word, terminal);
  const { graph, title, folder, stem, facts } =
    path === undefined ? await subjectOfExperiment(input, word, terminal) : await subjectOfFile(input, path, terminal);
  const level: DrawingLevel = flags.level ?? "full";
  const theme = flags.theme === "dark" ? darkTheme : lightTheme;
  const picture = drawNetwork(graph, { theme, level, title });
  const into = flags.out === undefined ? folder : resolve(terminal.folder, flags.out);
  const drawing = join(into, level === "full" ? stem : `${stem}-${level}`);
  const files = await writePicture(drawing, picture, { theme, formats: pictureFormats[flags.format ?? "both"] });
  if (flags.json === true) {
    const { layers, parameters, flops } = countsOf(graph);
    printDocument(terminal, { ...facts, level, theme: theme.name, layers, parameters, flops, files });
  } else printText(terminal, files.map((file) => shownPath(file, terminal.folder)).join("\n"));
  return "ok";
}

async function subjectOfFile({ words: [word], flags, options }: Input, path: string, terminal: Terminal): Promise<Subject> {
  const shown = shownPath(path, terminal.folder);
  const given = (["point", "trial", "study"] as const).find((flag) => flags[flag] !== undefined) ?? Object.keys(options)[0];
  if (given !== undefined)
    throw new ArgminError("usage/invalid", `--${given} chooses among an experiment's networks; ${word} holds one, leave it out.`);
  const bytes = await readFile(path).catch((error: unknown) => {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const problem = isMissing ? `There is no file ${shown}` : `Cannot read ${shown} (${messageOf(error)})`;
    throw new ArgminError("data/missing", `${problem}; give an .onnx file or an experiment.`, { cause: error });
  });
  const graph = graphOfOnnx(bytes, shown);
  const file = basename(path);
  return {
    graph,
    title: `${graph.name} (${file})`,
    folder: dirname(path),
    stem: file.replace(/\.onnx$/i, ""),
    facts: { file: path },
  };
}

async function subjectOfExperiment({ flags, options: given }: Input, word: string, terminal: Terminal): Promise<Subject> {
  const { experiment } = await openExperiment(word, flags, terminal);
  if (!experiment.has.network)
    throw new ArgminError(
      "usage/invalid",
      `The experiment '${experiment.name}' does not tell what its networks are; give it a 'network' step that returns a model.`,
    );
  const study = flags.study ?? experiment.name;
  // Here --out is where the pictures go, not the folder that the database may lie in.
  const where = flags.storage === undefined ? {} : { storage: flags.storage };
  const named = {
    ...(flags.point === undefined ? {} : { point: flags.point }),
    ...(flags.trial === undefined ? {} : { trial: flags.trial }),
  };
  const usual = flags.study === undefined ? (Object.keys(experiment.points)[0] ?? "best") : "best";
  const point = await findPoint({ experiment, study, flags: { ...where, ...named }, usual, purpose: "draw" }, terminal);
  const options = fillOptions(experiment.options, { ...point.options, ...given });
  const model = experiment.network(point.assignment, options);
  if (model === undefined) throw new Error(`internal: ${experiment.name} has a network, and gives none`);
  const value = point.trial?.state === "complete" ? point.trial.value : undefined;
  const result = value === undefined ? "" : `, ${experiment.metric} ${formatNumber(value)}`;
  return {
    graph: graphOfModel(model),
    title: `${study}: ${point.name.replace("-", " ")}${result}`,
    folder: studyFolder(places(where, terminal), study),
    stem: `network-${point.name}`,
    facts: { experiment: experiment.name, ...(point.trial === undefined ? {} : { study }), point: point.name, options },
  };
}

function countsOf({ nodes }: NetworkGraph): {
  readonly layers: number;
  readonly parameters: number;
  readonly flops: number | null;
} {
  const sum = (amount: (node: NetworkGraph["nodes"][number]) => number): number =>
    nodes.reduce((total, node) => total + amount(node), 0);
  const isKnown = nodes.every(({ flops }) => flops !== undefined);
  return {
    layers: sum(({ layers }) => layers),
    parameters: sum(({ parameters }) => parameters),
    flops: isKnown ? sum(({ flops }) => flops ?? 0) : null,
  };
}
