import { evenColours } from "./colour/scale.ts";
import { mixColours } from "./colour/oklab.ts";

/**
 * The colours of a picture by what they are for. A drawing takes them from here alone, so that it can be made light, dark or following
 * the page that it stands in.
 */
export interface Theme {
  readonly name: "light" | "dark" | "adaptive";
  /** Behind everything. */
  readonly page: string;
  /** Of a box, a legend or a tooltip on the page. */
  readonly surface: string;
  /** Around boxes and groups. */
  readonly outline: string;
  /** Lines that only help the eye. */
  readonly grid: string;
  /** Axes, ticks and arrows. */
  readonly axis: string;
  readonly text: string;
  /** What may be read second: units, labels of ticks. */
  readonly mutedText: string;
  /** What is best, chosen or warned of. */
  readonly highlight: string;
  /** What has no value or does not take part. */
  readonly missing: string;
  /** Colours of things of different kinds, told apart with any kind of colour vision; the first are the furthest apart. */
  readonly series: readonly string[];
  /** The series' colours as faint fills that text can stand on. */
  readonly tints: readonly string[];
  /** From little to much, `scaleSteps` colours at even distances; see `sequential`. */
  readonly sequentialSteps: readonly string[];
  /** From below through the middle to above; see `diverging`. */
  readonly divergingSteps: readonly string[];
}

/** How many colours a scale has; odd, so that a diverging one has a middle. */
export const scaleSteps = 33;

/** What a theme is worked out from. */
interface Palette extends Omit<Theme, "tints" | "sequentialSteps" | "divergingSteps"> {
  readonly tintShare: number;
  readonly sequentialThrough: readonly string[];
  /** The diverging scale up to its middle, and from there on. */
  readonly below: readonly string[];
  readonly above: readonly string[];
}

function themeOf({ tintShare, sequentialThrough, below, above, ...colours }: Palette): Theme {
  const half = (scaleSteps + 1) / 2;
  return Object.freeze({
    ...colours,
    tints: colours.series.map((colour) => mixColours(colours.page, colour, tintShare)),
    sequentialSteps: evenColours(sequentialThrough, scaleSteps),
    divergingSteps: [...evenColours(below, half), ...evenColours(above, half).slice(1)],
  });
}

export const lightTheme: Theme = themeOf({
  name: "light",
  page: "#ffffff",
  surface: "#f6f7f9",
  outline: "#c3c9d2",
  grid: "#e6e9ee",
  axis: "#6b7482",
  text: "#1b212b",
  mutedText: "#586170",
  highlight: "#c2255c",
  missing: "#9aa2ae",
  series: ["#3737cb", "#cb8408", "#04a694", "#922600", "#aa69eb", "#047d92", "#5c2968", "#b1583c"],
  tintShare: 0.13,
  sequentialThrough: ["#e8f1c4", "#7cc7a2", "#22909c", "#2b5a94", "#2c2361"],
  below: ["#1f4fa3", "#7ba7e0", "#eceef1"],
  above: ["#eceef1", "#eaa26b", "#a2410b"],
});

export const darkTheme: Theme = themeOf({
  name: "dark",
  page: "#14181f",
  surface: "#1d232c",
  outline: "#465060",
  grid: "#2a313c",
  axis: "#8d97a6",
  text: "#e9edf3",
  mutedText: "#a7b0be",
  highlight: "#ff7aa8",
  missing: "#6a7382",
  series: ["#6a74f7", "#e97c00", "#6ae4a9", "#8f508b", "#efe425", "#08b1b4", "#c25626", "#c2c2ff"],
  tintShare: 0.24,
  sequentialThrough: ["#262b57", "#2b5a94", "#22909c", "#7cc7a2", "#eef5cf"],
  below: ["#8db8f2", "#3a6dbd", "#2b313b"],
  above: ["#2b313b", "#b05a1f", "#f2b27f"],
});

/** The colour of a share between 0 (little) and 1 (much). */
export function sequential(theme: Theme, share: number): string {
  return stepAt(theme.sequentialSteps, share);
}

/** The colour of a value between -1 and 1, 0 being neither. */
export function diverging(theme: Theme, value: number): string {
  return stepAt(theme.divergingSteps, (value + 1) / 2);
}

/** A series' colour; after the last the colours begin again. */
export function seriesColour(theme: Theme, index: number): string {
  return theme.series[index % theme.series.length]!;
}

function stepAt(steps: readonly string[], share: number): string {
  const clipped = Math.min(1, Math.max(0, share));
  return steps[Math.round(clipped * (steps.length - 1))]!;
}
