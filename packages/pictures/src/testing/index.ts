export { describeGallery, type Gallery } from "./gallery.ts";
export { textProblems } from "./text-problems.ts";
