import {
  capHeight,
  fit,
  middleBaseline,
  rotate,
  svg,
  widest,
  wrap,
  type SvgContent,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import { barLength, barTextWidth, groupWidth, longestName, type ConfusionAxes, type ConfusionMatrix } from "./confusion-axes.ts";
import { styled } from "./styled.ts";
import { roundPercent } from "./words.ts";

const groupStyle: TextStyle = { size: 10.5, weight: 600 };
const groupLine = 13;

/** The names of the columns, standing on the matrix: upright where they have room, else turned. */
export function drawColumnNames(
  { order, names, pitch, left, top, nameStyle, isNamed, isTurned }: ConfusionAxes,
  theme: Theme,
): SvgContent {
  if (!isNamed) return undefined;
  const { size } = nameStyle;
  return order.map((label, i) => {
    const middle = left + (i + 0.5) * pitch;
    const name = fit(names[label]!, longestName, nameStyle);
    if (!isTurned) return svg.text({ x: middle, y: top - 7, fontSize: size, textAnchor: "middle", fill: theme.text }, name);
    const x = middle + capHeight(nameStyle) / 2;
    return svg.text({ x, y: top - 5, fontSize: size, fill: theme.text, transform: rotate(-90, x, top - 5) }, name);
  });
}

/** The names of the rows, before them their groups. */
export function drawRowNames(
  { order, names, groups, pitch, left, top, nameStyle, isNamed }: ConfusionAxes,
  theme: Theme,
): SvgContent {
  const rows = isNamed
    ? order.map((label, i) =>
        svg.text(
          {
            x: left - 6,
            y: middleBaseline(top + (i + 0.5) * pitch, nameStyle),
            fontSize: nameStyle.size,
            textAnchor: "end",
            fill: theme.text,
          },
          fit(names[label]!, longestName, nameStyle),
        ),
      )
    : [];
  const nameWidth = isNamed ? Math.min(longestName, widest(names, nameStyle)) : 0;
  const edge = left - nameWidth - 14;
  const bands = groups.map(({ name, from, to }) => {
    const room = (to - from) * pitch;
    const lines = wrap(name, groupWidth - 8, groupStyle, Math.max(1, Math.floor((room - 2) / groupLine)));
    const first = top + from * pitch + room / 2 - ((lines.length - 1) * groupLine) / 2;
    return [
      svg.line({
        x1: edge,
        x2: edge,
        y1: top + from * pitch + 1.5,
        y2: top + to * pitch - 1.5,
        stroke: theme.axis,
        strokeWidth: 1.5,
      }),
      room >= groupLine &&
        lines.map((line, i) =>
          svg.text(
            {
              x: edge - 7,
              y: middleBaseline(first + i * groupLine, groupStyle),
              fontSize: groupStyle.size,
              fontWeight: 600,
              textAnchor: "end",
              fill: theme.mutedText,
            },
            line,
          ),
        ),
    ];
  });
  return [...rows, ...bands];
}

/** How much of each class is named rightly, as a bar and in percent at the end of its row. */
export function drawBars({ confusion, classes }: ConfusionMatrix, axes: ConfusionAxes, theme: Theme): SvgContent {
  const { order, names, pitch, left, top, side, isNamed } = axes;
  const x = left + side + 12;
  const style: TextStyle = { size: Math.min(11, pitch - 1.5) };
  const height = Math.max(1, Math.min(12, pitch * 0.6));
  const heading: TextStyle = { size: 11 };
  const words = wrap("named rightly", barLength + barTextWidth, heading);
  return [
    words.map((line, i) => styled(line, x, top - 7 - 14 * (words.length - 1 - i), heading, theme.mutedText)),
    order.map((label, i) => {
      const row = confusion.subarray(label * classes.length, (label + 1) * classes.length);
      const images = row.reduce((sum, each) => sum + each, 0);
      const share = row[label]! / images;
      const middle = top + (i + 0.5) * pitch;
      if (images === 0) return isNamed && styled("no images", x, middleBaseline(middle, style), style, theme.mutedText);
      return svg.g(
        {},
        svg.title({}, `${row[label]} of ${images} images of ${names[label]} are named rightly`),
        svg.rect({ x, y: middle - height / 2, width: barLength, height, fill: theme.grid }),
        svg.rect({ x, y: middle - height / 2, width: barLength * share, height, fill: theme.series[2]! }),
        isNamed &&
          styled(
            roundPercent(share),
            x + barLength + barTextWidth - 4,
            middleBaseline(middle, style),
            style,
            theme.mutedText,
            "end",
          ),
      );
    }),
  ];
}
