import { isJsonObject, type JsonValue } from "@argmin/base";

/** A time for people: `850 ms`, `14.2 s`, `6m 12s`, `3h 05m`, `2d 04h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds < 9.995 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${pad(whole % 60)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  const hours = Math.round(seconds / 3600);
  return `${formatCount(Math.floor(hours / 24))}d ${pad(hours % 24)}h`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}

/** An amount of memory in the unit it was most likely given in. */
export function formatBytes(bytes: number): string {
  const units = ["B", "K", "M", "G", "T"] as const;
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(amount) ? amount : amount.toFixed(1)}${units[unit]}`;
}

/** A whole number with its thousands set apart: `43,200`. */
export function formatCount(count: bigint | number): string {
  return count === Number.POSITIVE_INFINITY ? "infinitely many" : count.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** A large count in few characters: `7.12M`, `1.6G`. */
export function formatMagnitude(count: number): string {
  const unit = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  return `${Number((count / 1000 ** unit).toPrecision(3))}${["", "K", "M", "G", "T"][unit]}`;
}

/** A measured number with six significant digits. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e7 ? String(Number(value.toPrecision(6))) : value.toExponential(4).replace(/\.?0+e/, "e");
}

/** A JSON value in one line. */
export function formatValue(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A parameter's value in one line: `none` where that is what was chosen, of a choice between objects the text that tells its option from the others. */
export function formatParameter(value: JsonValue | undefined): string {
  if (value === null) return "none";
  if (!isJsonObject(value) || typeof value["option"] !== "number") return formatValue(value);
  const { option, ...discriminant } = value;
  const [name] = Object.values(discriminant);
  return name === undefined ? `option ${option}` : formatValue(name);
}

/** How many of something there are: `1 trial`, `1,200 trials`. */
export function formatAmount(count: number, one: string): string {
  return `${formatCount(count)} ${one}${count === 1 ? "" : "s"}`;
}
