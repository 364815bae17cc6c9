import { fit, measure, type TextStyle } from "@argmin/pictures";

/**
 * The texts, each no wider than its room. Cut ones end in an ellipsis, but where two would look alike, as paths do that
 * begin alike, what they share is left out at the beginning instead.
 */
export function fitApart(texts: readonly string[], rooms: readonly number[], style: TextStyle): readonly string[] {
  const ends = texts.map((text, i) => fit(text, rooms[i]!, style));
  return texts.map((text, i) => {
    const shown = ends[i]!;
    if (shown === text) return text;
    // Another one may be cut, too, and have less room.
    const start = shown.slice(0, -1);
    const alike = texts.filter((other, j) => other !== text && ends[j] !== other && other.startsWith(start));
    if (alike.length === 0) return shown;
    const shared = Math.min(...alike.map((other) => sharedStart(text, other)));
    const rest = `…${text.slice(shared)}`;
    return measure(rest, style) < measure(text, style) ? fit(rest, rooms[i]!, style) : shown;
  });
}

/** How much two texts have in common at the beginning, up to where a part of a name begins. */
function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  const parts = one.slice(0, length).match(/^.*[\s_.\-/:]/s);
  return parts?.[0].length ?? length;
}
