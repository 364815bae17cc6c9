import type { Picture } from "@argmin/pictures";

/** A picture of a study, or the reason why there is nothing to draw. The picture has neither title nor note in it: `withHeading` adds them. */
export interface Chart {
  /** Kebab-case: the stem of its files and its anchor in the report. */
  readonly name: string;
  /** What it shows, in a few words. */
  readonly title: string;
  /** One plain sentence under the title that says how to read it, or what was left out. */
  readonly note?: string;
  readonly content: { readonly kind: "picture"; readonly picture: Picture } | { readonly kind: "nothing"; readonly why: string };
}
