import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, visit, type YAMLError } from "yaml";
import type { Entry, Node, Place, ScalarValue } from "./node.ts";
import type { Remarks } from "./problems.ts";
import { readPlain, type Dialect } from "./scalar.ts";

/** A file of more values than this, aliases followed, is no sweep: a few lines of aliases to aliases can stand for billions. */
const mostValues = 100_000;

/**
 * The one document of a text in YAML 1.1 or JSON; anchors, aliases and merge keys (`<<`) are resolved.
 *
 * @returns `undefined` if there is none that could be looked at; `remarks` then says why.
 */
export function parseText(text: string, dialect: Dialect, remarks: Remarks): Node | undefined {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text.replace(/^\uFEFF/, ""), {
    version: "1.1",
    // Scalars stay texts: what they mean is decided by `readPlain`.
    schema: "failsafe",
    merge: false,
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
  });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [document, second] = "empty" in parsed ? [] : parsed;
  if (document === undefined) {
    remarks.refuse({ line: 1, column: 1 }, emptyFile);
    return undefined;
  }
  const errors = [...parsed].flatMap(({ errors }) => errors);
  const serious = errors.filter(({ code }) => !(dialect === "json" && code === "TAB_AS_INDENT"));
  if (serious.length > 0) {
    // What comes after the first one mostly follows from it.
    const [first] = serious.toSorted((a, b) => a.pos[0] - b.pos[0]);
    const quote = first!.code === "MISSING_CHAR" ? openQuote(document, first!.pos[0]) : undefined;
    if (quote === undefined) remarks.refuse(placeOf(first!.pos[0]), syntaxText(first!));
    else remarks.refuse(placeOf(quote), "The text that begins here has no closing quote.");
    return undefined;
  }
  if (second !== undefined) {
    const at = placeOf(second.contents?.range?.[0] ?? second.range[0]);
    remarks.refuse(at, "A second YAML document begins here; wanted one sweep a file: split the file, or remove the line '---'.");
    return undefined;
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.source === "")) {
    remarks.refuse({ line: 1, column: 1 }, emptyFile);
    return undefined;
  }
  const node = new Reader(document, placeOf, { dialect, remarks }).read(contents);
  // Where a value is missing, every further complaint would follow from that.
  return remarks.hasProblems ? undefined : node;
}

const emptyFile = "The file is empty; wanted a sweep, which has at least a 'method' and 'parameters'.";

type Document = Exclude<ReturnType<typeof parseAllDocuments>, { readonly empty: true }>[number];
type Range = { readonly range?: readonly [number, number, number] | null };

class Reader {
  readonly #document: Document;
  readonly #placeOf: (offset: number) => Place;
  readonly #dialect: Dialect;
  readonly #remarks: Remarks;
  readonly #open = new Set<unknown>();
  #values = 0;

  constructor(
    document: Document,
    placeOf: (offset: number) => Place,
    { dialect, remarks }: { readonly dialect: Dialect; readonly remarks: Remarks },
  ) {
    this.#document = document;
    this.#placeOf = placeOf;
    this.#dialect = dialect;
    this.#remarks = remarks;
  }

  /** @param given - A node of the `yaml` package. */
  read(given: unknown): Node | undefined {
    this.#values += 1;
    if (isAlias(given)) return this.#alias(given);
    if (isScalar(given)) return this.#scalar(given);
    if (!isMap(given) && !isSeq(given)) return undefined;
    const place = this.#place(given);
    if (this.#values > mostValues) {
      if (this.#remarks.hasProblems) return undefined;
      const text = `The file stands for more than ${mostValues} values, aliases followed; wanted a sweep: write fewer of them.`;
      return this.#refuse(place, text);
    }
    if (this.#open.has(given)) return this.#refuse(place, "This value contains itself through an alias; wanted a finite file.");
    const kind = isMap(given) ? "map" : "seq";
    if (given.tag !== undefined && given.tag !== `${coreTag}${kind}`) return this.#refuseTag(place, given.tag);
    this.#open.add(given);
    const node: Node | undefined = isMap(given)
      ? { place, kind: "map", entries: this.#entries(given.items) }
      : { place, kind: "list", items: given.items.flatMap((item) => this.read(item) ?? []) };
    this.#open.delete(given);
    return node;
  }

  #alias(alias: Range & { readonly source: string; resolve(document: Document): unknown }): Node | undefined {
    const place = this.#place(alias);
    const target = alias.resolve(this.#document);
    if (target !== undefined) return this.read(target);
    return this.#refuse(place, `'*${alias.source}' is an alias, but nothing above it has the anchor '&${alias.source}'.`);
  }

  #scalar(scalar: Range & { readonly value: unknown; readonly type?: string; readonly tag?: string }): Node | undefined {
    const place = this.#place(scalar);
    const text = typeof scalar.value === "string" ? scalar.value : "";
    const isPlain = scalar.type === "PLAIN" || scalar.type === undefined;
    const { tag } = scalar;
    const value: ScalarValue | undefined =
      tag !== undefined
        ? this.#tagged(tag, text, place)
        : isPlain
          ? (readPlain(text, this.#dialect) ?? this.#notJson(text, place))
          : { kind: "text", value: text, isPlain: false };
    return value && { place, source: text, ...value };
  }

  #tagged(tag: string, text: string, place: Place): ScalarValue | undefined {
    if (tag === "!" || tag === `${coreTag}str`) return { kind: "text", value: text, isPlain: false };
    const value = readPlain(text, "yaml");
    if (tag === `${coreTag}${tagOf[value?.kind ?? "text"]}`) return value;
    const number = Number(text.replaceAll("_", ""));
    if (tag === `${coreTag}float` && text !== "" && Number.isFinite(number)) return { kind: "float", value: number };
    this.#refuseTag(place, tag);
    return undefined;
  }

  #notJson(text: string, place: Place): undefined {
    this.#refuse(
      place,
      `${text === "" ? "A value is missing here" : `'${text}' is no JSON value`}; wanted a number, true, false, null or a text in double quotes.`,
    );
    return undefined;
  }

  /** The members of a mapping; those that it merges come after its own, as they do in PyYAML's eyes. */
  #entries(pairs: readonly { readonly key: unknown; readonly value: unknown }[]): readonly Entry[] {
    const own = new Map<string, Entry>();
    const merged: Entry[] = [];
    for (const { key, value: given } of pairs) {
      if (this.#dialect === "yaml" && isScalar(key) && key.type === "PLAIN" && key.value === "<<") {
        merged.push(...this.#merged(given, this.#place(key)));
        continue;
      }
      const name = this.#key(key);
      const value = this.read(given ?? null) ?? (given === null || given === undefined ? nothingAfter(name?.place) : undefined);
      if (name === undefined || value === undefined) continue;
      const first = own.get(name.key);
      if (first === undefined) own.set(name.key, { ...name, value });
      else
        this.#refuse(
          name.place,
          `The key '${name.key}' stands twice in one mapping, first in line ${first.place.line}; only the last one would count: remove one.`,
        );
    }
    return [
      ...own.values(),
      ...merged.filter(({ key }, i) => !own.has(key) && merged.findIndex((other) => other.key === key) === i),
    ];
  }

  #merged(given: unknown, place: Place): readonly Entry[] {
    const node = this.read(given);
    const maps = node?.kind === "list" ? node.items : node === undefined ? [] : [node];
    return maps.flatMap((map) => {
      if (map.kind === "map") return map.entries;
      this.#refuse(place, "The merge key '<<' takes a mapping, or a list of them, mostly by an alias.");
      return [];
    });
  }

  #key(key: unknown): { readonly key: string; readonly place: Place } | undefined {
    const node = this.read(key);
    if (node === undefined) return undefined;
    const { place } = node;
    if (node.kind === "text") return { key: node.value, place };
    if (node.kind === "list" || node.kind === "map") return this.#refuse(place, `A key is a ${node.kind}; wanted a text.`);
    const meaning = node.kind === "boolean" ? ` (YAML 1.1 reads it as ${node.value})` : "";
    return this.#refuse(
      place,
      `The key ${node.source === "" ? "null" : node.source} is no text${meaning}; put it in quotes: "${node.source}".`,
    );
  }

  #refuse(place: Place, text: string): undefined {
    this.#remarks.refuse(place, text);
    return undefined;
  }

  #refuseTag(place: Place, tag: string): undefined {
    const shown = tag.startsWith(coreTag) ? `!!${tag.slice(coreTag.length)}` : tag;
    return this.#refuse(
      place,
      `The tag '${shown}' cannot be read here; wanted a plain value, or one that !!str, !!int, !!float, !!bool or !!null takes.`,
    );
  }

  #place({ range }: Range): Place {
    return this.#placeOf(range?.[0] ?? 0);
  }
}

const coreTag = "tag:yaml.org,2002:";

const tagOf: { readonly [K in ScalarValue["kind"]]: string } = {
  text: "str",
  integer: "int",
  float: "float",
  boolean: "bool",
  null: "null",
  date: "timestamp",
};

function nothingAfter(place: Place | undefined): Node | undefined {
  return place && { place, source: "", kind: "null" };
}

/** Where the text in quotes begins that reaches to an error. */
function openQuote(document: Document, error: number): number | undefined {
  let start: number | undefined;
  visit(document, {
    Scalar: (_, { type, range }) => {
      if (type?.startsWith("QUOTE") === true && range && range[0] < error && range[2] >= error) start = range[0];
    },
  });
  return start;
}

/** The parser's complaint in the words of whoever wrote the file. */
function syntaxText({ code, message }: YAMLError): string {
  if (code === "TAB_AS_INDENT") return "The line is indented by a tab, which YAML does not take; wanted spaces.";
  if (code === "BAD_SCALAR_START") return `${message}; put the text in quotes.`;
  if (code === "BLOCK_AS_IMPLICIT_KEY")
    return "A second ': ' stands in one line, which begins a mapping inside of a mapping; put the text in quotes, or the inner mapping on a line of its own.";
  if (code === "UNEXPECTED_TOKEN" || code === "BAD_INDENT" || code === "MULTILINE_IMPLICIT_KEY")
    return `This does not fit to the lines above (${lowerFirst(message)}); wanted the keys of one mapping in one column, each with ': ', and every bracket closed.`;
  return `This is not valid YAML: ${lowerFirst(message)}.`;
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
