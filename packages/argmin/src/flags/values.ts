import { ArgminError } from "@argmin/base";
import { didYouMean } from "./suggestion.ts";

/** How a flag is written, what it means and how its text becomes a value. */
export interface Flag<T> {
  /** What stands for the value in help ("N", "FOLDER"); absent for a switch, which takes none. */
  readonly placeholder?: string;
  readonly help: string;
  /**
   * @param name - The flag as the user wrote it, for the message.
   * @throws ArgminError `usage/invalid` if the text means no value.
   */
  parse(text: string, name: string): T;
}

/** A flag by which an experiment's own option is given. */
export type OptionFlag = Flag<string> | Flag<number> | Flag<boolean>;

type Text = { readonly placeholder: string; readonly help: string };
type Range = { readonly min?: number; readonly max?: number };

/** A flag without a value: there or not. */
export function switchFlag(help: string): Flag<boolean> {
  return { help, parse: () => true };
}

export function textFlag(text: Text): Flag<string> {
  return {
    ...text,
    parse: (value, name) => (value.trim() === "" ? refuse(name, value, `a ${text.placeholder.toLowerCase()}`) : value),
  };
}

/** A folder to write to: files there have names of their own, so a name that ends like a file's is a misunderstanding. */
export function folderFlag(help: string): Flag<string> {
  const flag = textFlag({ placeholder: "FOLDER", help });
  return {
    ...flag,
    parse: (value, name) =>
      /\.(svg|png|html|json|csv|txt)$/i.test(value)
        ? refuse(name, value, "a folder, in which the files have their own names")
        : flag.parse(value, name),
  };
}

/** A whole number within a range, ends included. */
export function integerFlag(text: Text & Range): Flag<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, ...rest } = text;
  return {
    ...rest,
    parse: (value, name) => {
      const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : refuse(name, value, `a whole number ${range(min, max)}`);
    },
  };
}

/** Any finite number within a range, ends included. */
export function numberFlag(text: Text & Range): Flag<number> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, ...rest } = text;
  return {
    ...rest,
    parse: (value, name) => {
      const number = value.trim() === "" ? Number.NaN : Number(value);
      return Number.isFinite(number) && number >= min && number <= max
        ? number
        : refuse(name, value, `a number${realRange(min, max)}`);
    },
  };
}

function realRange(min: number, max: number): string {
  if (Number.isFinite(max)) return Number.isFinite(min) ? ` from ${min} to ${max}` : ` up to ${max}`;
  return Number.isFinite(min) ? ` from ${min} on` : "";
}

/** One of a few words. */
export function choiceFlag<const T extends string>(options: readonly T[], text: Text): Flag<T> {
  return {
    ...text,
    parse: (value, name) =>
      options.find((option) => option === value) ??
      refuse(name, value, `one of ${options.join(", ")}`, didYouMean(value, options)),
  };
}

const secondsOf = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** A time such as `500ms`, `90s`, `10m`, `2h`, `1h30m`; in milliseconds. */
export function durationFlag(text: Omit<Text, "placeholder">): Flag<number> {
  return {
    ...text,
    placeholder: "TIME",
    parse: (value, name) => {
      const seconds = parseSeconds(value);
      return seconds !== undefined && seconds > 0 && seconds < 1e9
        ? Math.max(1, Math.round(seconds * 1000))
        : refuse(name, value, "a time above 0 such as 90s, 10m or 2h");
    },
  };
}

function parseSeconds(text: string): number | undefined {
  const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy;
  let seconds = 0;
  let end = 0;
  for (let found = part.exec(text); found !== null; found = part.exec(text)) {
    seconds += Number(found[1]) * secondsOf[unitOf(found[2], secondsOf)];
    end = part.lastIndex;
  }
  return end > 0 && end === text.length ? seconds : undefined;
}

const bytesOf = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;
const leastMemory = 64 * bytesOf.M;

/** An amount of memory such as `512M` or `4G`; in bytes. */
export function sizeFlag(text: Omit<Text, "placeholder">): Flag<number> {
  return {
    ...text,
    placeholder: "SIZE",
    parse: (value, name) => {
      const found = /^(\d+(?:\.\d+)?)([KMGT])(?:i?B)?$/i.exec(value);
      const bytes = found === null ? 0 : Number(found[1]) * bytesOf[unitOf(found[2]?.toUpperCase(), bytesOf)];
      return bytes >= leastMemory && bytes < 2 ** 50
        ? Math.floor(bytes)
        : refuse(name, value, "a size from 64M on, such as 512M or 4G");
    },
  };
}

const countOf = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const;

/** A count such as `800K`, `5M` or `2G`, in thousands. */
export function countFlag(text: Omit<Text, "placeholder">): Flag<number> {
  return {
    ...text,
    placeholder: "COUNT",
    parse: (value, name) => {
      const found = /^(\d+(?:\.\d+)?)([KMGT])?$/i.exec(value);
      const unit = found?.[2] === undefined ? 1 : countOf[unitOf(found[2].toUpperCase(), countOf)];
      const count = found === null ? 0 : Math.floor(Number(found[1]) * unit);
      return count >= 1 && count <= Number.MAX_SAFE_INTEGER
        ? count
        : refuse(name, value, "a count above 0 such as 800K, 5M or 2G");
    },
  };
}

function unitOf<U extends string>(text: string | undefined, units: Readonly<Record<U, number>>): U {
  for (const unit in units) if (unit === text) return unit;
  throw new Error(`internal: no unit ${text}`);
}

function range(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`;
}

function refuse(name: string, value: string, wanted: string, hint = ""): never {
  throw new ArgminError("usage/invalid", `--${name} ${JSON.stringify(value)} is not understood; give ${wanted}.${hint}`);
}
