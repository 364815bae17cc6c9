import type { ScalarValue } from "./node.ts";

/** Which rules say what a scalar without quotes means. */
export type Dialect = "yaml" | "json";

/**
 * What a scalar without quotes means.
 *
 * @remarks Sweep files are written for Weights & Biases, which reads them with PyYAML, and so by YAML 1.1: `yes`, `No` and `on` are
 *   true and false (a lone `y` is a text), `010` is 8, `1:30` is 90, `1_000` is 1000, `2024-01-31` is a date, and a number with an
 *   exponent is a text unless it has a point and a sign: `1e-3` and `1.0e3` are texts, `1.0e-3` and `1.0e+3` are numbers. argmin
 *   reads them the same way, for a file that means something else here than there is worse than a refusal. In a file that ends in
 *   .json, numbers are JSON's, as they are for who loads it with Python's `json` and passes it on.
 * @returns `undefined` if the dialect has no such scalar.
 */
export function readPlain(source: string, dialect: Dialect): ScalarValue | undefined {
  return dialect === "json" ? readJson(source) : readYaml(source);
}

function readJson(source: string): ScalarValue | undefined {
  if (source === "null") return { kind: "null" };
  if (source === "true" || source === "false") return { kind: "boolean", value: source === "true" };
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(source)) return undefined;
  return { kind: /[.eE]/.test(source) ? "float" : "integer", value: Number(source) };
}

function readYaml(source: string): ScalarValue {
  if (/^(?:~|null|Null|NULL|)$/.test(source)) return { kind: "null" };
  const isTrue = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(source);
  if (isTrue || /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(source)) return { kind: "boolean", value: isTrue };
  if (isDate(source)) return { kind: "date" };
  const digits = source.replaceAll("_", "");
  const integer = integers.find(({ form }) => form.test(source));
  if (integer !== undefined) return { kind: "integer", value: integer.read(digits) + 0 };
  const float = floats.find(({ form }) => form.test(source));
  if (float !== undefined) return { kind: "float", value: float.read(digits) };
  return { kind: "text", value: source, isPlain: true };
}

type Form = { readonly form: RegExp; readonly read: (digits: string) => number };

/** PyYAML's forms; underscores are taken out before a number is read. */
const integers: readonly Form[] = [
  { form: /^[-+]?0b[0-1_]+$/, read: (digits) => inBase(digits, 2, 2) },
  { form: /^[-+]?0[0-7_]+$/, read: (digits) => inBase(digits, 8, 1) },
  { form: /^[-+]?(?:0|[1-9][0-9_]*)$/, read: Number },
  { form: /^[-+]?0x[0-9a-fA-F_]+$/, read: (digits) => inBase(digits, 16, 2) },
  { form: /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/, read: sexagesimal },
];

const floats: readonly Form[] = [
  { form: /^[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?$/, read: Number },
  { form: /^\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/, read: Number },
  { form: /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/, read: sexagesimal },
  { form: /^[-+]?\.(?:inf|Inf|INF)$/, read: (digits) => (digits.startsWith("-") ? -Infinity : Infinity) },
  { form: /^\.(?:nan|NaN|NAN)$/, read: () => Number.NaN },
];

function isDate(source: string): boolean {
  return /^\d{4}-\d\d-\d\d$|^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/.test(
    source,
  );
}

function inBase(digits: string, base: number, prefix: number): number {
  const [sign, magnitude] = signed(digits);
  return sign * Number.parseInt(magnitude.slice(prefix) || "0", base);
}

/** 1:30 is 90: minutes and seconds. */
function sexagesimal(digits: string): number {
  const [sign, magnitude] = signed(digits);
  return sign * magnitude.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

function signed(digits: string): readonly [sign: number, magnitude: string] {
  return digits.startsWith("-") ? [-1, digits.slice(1)] : [1, digits.startsWith("+") ? digits.slice(1) : digits];
}

/** How YAML 1.1 wants a number written that it took for a text: `1.0e-3` for `1e-3`. Undefined if it does not look like one. */
export function asNumber(text: string): string | undefined {
  const parts = /^([-+]?)(\d[\d_]*|\d*(?=\.\d))(\.\d*)?(?:[eE]([-+]?)(\d+))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponentSign = "", exponent] = parts;
  const mantissa = `${sign}${whole === "" ? "0" : whole}${fraction === "" || fraction === "." ? ".0" : fraction}`;
  return exponent === undefined ? mantissa : `${mantissa}e${exponentSign === "" ? "+" : exponentSign}${exponent}`;
}
