import { parseArgs } from "node:util";
import { ArgminError, messageOf } from "@argmin/base";
import { rowNames } from "./rows.ts";
import { isSearcherName, searcherNames, type SearcherName } from "./searchers.ts";

/** What the command line asked of the search benchmark. */
export interface SearchOptions {
  /** Run the peers for what is not in their committed results. */
  readonly peers: boolean;
  /** Run the peers for all of it. */
  readonly rerun: boolean;
  readonly python: string | undefined;
  readonly surrogates: string | undefined;
  readonly rows: readonly string[];
  readonly searchers: readonly SearcherName[];
  /** Seeds 1 to this one. */
  readonly seeds: number;
  readonly save: boolean;
  readonly render: boolean;
  readonly help: boolean;
}

export const searchHelp = `Compares how far searches come: best value after 50, 100 and 200 trials on known functions and public surrogates, and of random
searches with pruners after the steps of 50 and 100 whole trials on the surrogates.

  npm run bench -- search                    argmin's samplers and pruners, beside the committed results of the peers
  npm run bench -- search --peers            the peers too, where they have no results yet
  npm run bench -- search --render           no runs: the committed results into bench/NOTES.md and README.md

  --only ROWS          some of the rows, separated by commas (all)
                       ${rowNames.join(", ")}
  --samplers NAMES     some of the searchers (all)
                       ${searcherNames.join(", ")}
  --seeds N            seeds 1 to N (20)
  --surrogates FOLDER  where the surrogates lie, in folders named as the rows (ARGMIN_SURROGATES); without it their rows are left out
  --rerun              run the peers also where they have results (implies --peers)
  --python PATH        a Python that has the peers (implies --peers)
  --save               keep what was run in bench/search/results
  --help               this text
`;

/** @throws ArgminError `usage/invalid` for a flag it does not know or a value that makes no sense. */
export function parseSearchOptions(words: readonly string[], environment: NodeJS.ProcessEnv): SearchOptions {
  const { values } = parse(words);
  const seeds = Number(values.seeds);
  if (!Number.isSafeInteger(seeds) || seeds < 1) {
    throw new ArgminError("usage/invalid", `--seeds takes a whole number from 1 on, not "${values.seeds}".`);
  }
  return {
    peers: values.peers || values.rerun || values.python !== undefined,
    rerun: values.rerun,
    python: values.python,
    surrogates: values.surrogates ?? environment["ARGMIN_SURROGATES"],
    rows: chosen("row", values.only, rowNames),
    searchers: chosen("sampler", values.samplers, searcherNames).filter(isSearcherName),
    seeds,
    save: values.save,
    render: values.render,
    help: values.help,
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        peers: { type: "boolean", default: false },
        rerun: { type: "boolean", default: false },
        python: { type: "string" },
        surrogates: { type: "string" },
        only: { type: "string" },
        samplers: { type: "string" },
        seeds: { type: "string", default: "20" },
        save: { type: "boolean", default: false },
        render: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new ArgminError("usage/invalid", `${messageOf(error)}; see search --help.`, { cause: error });
  }
}

function chosen(what: string, text: string | undefined, known: readonly string[]): readonly string[] {
  if (text === undefined) return known;
  const names = text.split(",");
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new ArgminError("usage/invalid", `There is no ${what} "${unknown}"; choose from ${known.join(", ")}.`);
  return known.filter((name) => names.includes(name));
}
