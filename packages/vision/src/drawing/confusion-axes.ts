import { widest, type TextStyle } from "@argmin/pictures";

/** How often a network takes each class for each other. */
export interface ConfusionMatrix {
  readonly title: string;
  /** What else is to be said, a sentence each. */
  readonly facts?: readonly string[];
  readonly classes: readonly string[];
  /** For each class the group that it belongs to; classes of a group then stand together. */
  readonly groups?: readonly string[] | undefined;
  /** `[class of the image, class that the network says]`, row-major: how many images. */
  readonly confusion: Uint32Array;
}

/** Where everything of a confusion matrix stands: the matrix begins at `left`, `top`. */
export interface ConfusionAxes {
  /** The classes in the order of the rows and columns. */
  readonly order: readonly number[];
  /** By class number, as people read them. */
  readonly names: readonly string[];
  /** The side of a cell, a whole number of pixels so that cells meet sharply. */
  readonly pitch: number;
  readonly side: number;
  readonly left: number;
  readonly top: number;
  /** What stands at the right of the matrix. */
  readonly right: number;
  readonly nameStyle: TextStyle;
  /** Whether there is room for names at all. */
  readonly isNamed: boolean;
  readonly isTurned: boolean;
  readonly groups: readonly GroupBand[];
}

/** Neighbouring rows whose classes form a group. */
interface GroupBand {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** So that none of the classes and groups of CIFAR-100 is cut. */
export const longestName = 200;
export const groupWidth = 122;
/** Of the bars at the ends of the rows, and of what stands behind them. */
export const barLength = 64;
export const barTextWidth = 44;
const leastTop = 24;

/** Where the parts of a picture of a confusion matrix stand. */
export function axesOf({ classes, groups }: Pick<ConfusionMatrix, "classes" | "groups">): ConfusionAxes {
  const names = classes.map((name) => name.replaceAll("_", " "));
  const order = classes.map((_, i) => i);
  if (groups !== undefined) order.sort((a, b) => compare(groups[a]!, groups[b]!) || a - b);
  const count = classes.length;
  const pitch = pitchOf(count);
  const nameStyle: TextStyle = { size: Math.min(12, pitch - 1.5) };
  const isNamed = nameStyle.size >= 6;
  const nameWidth = isNamed ? Math.min(longestName, widest(names, nameStyle)) : 0;
  const isTurned = nameWidth > pitch - 10;
  const groupsWidth = groups === undefined ? 0 : groupWidth + 14;
  return {
    order,
    names,
    pitch,
    side: pitch * count,
    left: Math.ceil(groupsWidth + nameWidth + 8),
    top: Math.max(leastTop, isTurned ? Math.ceil(nameWidth + 8) : 0),
    right: 12 + barLength + barTextWidth,
    nameStyle,
    isNamed,
    isTurned,
    groups: groups === undefined ? [] : bandsOf(order.map((label) => groups[label]!.replaceAll("_", " "))),
  };
}

/** Large cells with numbers for a few classes, small ones for a hundred. */
function pitchOf(count: number): number {
  if (count <= 4) return 96;
  if (count <= 12) return 52;
  if (count <= 30) return 32;
  if (count <= 60) return 16;
  return Math.max(1, Math.min(11, Math.floor(1200 / count)));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function bandsOf(groups: readonly string[]): readonly GroupBand[] {
  const starts = groups.flatMap((name, i) => (name === groups[i - 1] ? [] : [i]));
  return starts.map((from, i) => ({ name: groups[from]!, from, to: starts[i + 1] ?? groups.length }));
}
