import { fontFamily, themeStyle } from "@argmin/pictures";

/** The style sheet of a report: colours from the pictures' themes, on paper the light one. */
export function reportStyle(): string {
  return `${themeStyle()}\n${page}\n${parts}\n${paper}`;
}

const page = `
* { box-sizing: border-box; }
html { font: 16px/1.55 ${fontFamily}; background: var(--argmin-page); color: var(--argmin-text); scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 82rem; padding: 0 1.5rem 4rem; display: grid; grid-template-columns: minmax(0, 1fr); column-gap: 3rem; }
header { padding: 2.5rem 0 1rem; }
header p, header .note, footer p { max-width: none; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--argmin-outline); color: var(--argmin-muted-text); font-size: .875rem; }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 1rem; font-size: 1.375rem; line-height: 1.3; font-weight: 600; }
h3 { margin: 2rem 0 .5rem; font-size: 1.0625rem; line-height: 1.4; font-weight: 600; }
p { margin: .5rem 0; max-width: 75ch; overflow-wrap: anywhere; }
a { color: inherit; text-underline-offset: .2em; text-decoration-color: var(--argmin-axis); }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--argmin-series-0); outline-offset: 2px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
:not(pre) > code { font-size: .9em; }
p > code, li > code, dt > code { overflow-wrap: anywhere; }
li > code, p > code { background: var(--argmin-surface); padding: .1em .3em; border-radius: .25em; }
.lead { font-size: 1.0625rem; color: var(--argmin-muted-text); }
.note, .muted { color: var(--argmin-muted-text); }
.note { font-size: .9rem; max-width: 85ch; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--argmin-page); padding: .25rem .5rem; z-index: 1; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
button, .themes label { font: inherit; font-size: .875rem; color: var(--argmin-text); background: var(--argmin-surface); border: 1px solid var(--argmin-outline); border-radius: .375rem; padding: .2rem .7rem; cursor: pointer; }
button:hover, .themes label:hover { border-color: var(--argmin-axis); }
[hidden] { display: none !important; }
.top { display: flex; flex-wrap: wrap; gap: 1rem; justify-content: space-between; align-items: flex-start; }
.themes { border: 0; margin: 0; padding: 0; display: flex; }
.themes label { border-radius: 0; margin-left: -1px; }
.themes label:first-of-type { border-radius: .375rem 0 0 .375rem; }
.themes label:last-of-type { border-radius: 0 .375rem .375rem 0; }
.themes label:has(:checked) { background: var(--argmin-text); color: var(--argmin-page); border-color: var(--argmin-text); }
.themes label:has(:focus-visible) { outline: 2px solid var(--argmin-series-0); outline-offset: 2px; }
.themes input { position: absolute; opacity: 0; }
nav { font-size: .9rem; }
nav h2 { margin: 0 0 .5rem; font-size: .9rem; color: var(--argmin-muted-text); }
nav ol { list-style: none; margin: 0; padding: 0; }
nav ol ol { padding-left: 1rem; }
nav li { margin: .15rem 0; }
nav a { text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { text-decoration: underline; }
@media (min-width: 68rem) {
  body { grid-template-columns: 15rem minmax(0, 1fr); }
  header, footer { grid-column: 1 / -1; }
  nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 1.5rem 0; }
  main > section:first-child > h2 { margin-top: 1.5rem; }
}`;

const parts = `
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 0 0 1.25rem; }
.tiles > div { background: var(--argmin-surface); border-radius: .5rem; padding: .6rem .75rem; min-width: 0; }
.tiles dt { font-size: .875rem; color: var(--argmin-muted-text); overflow-wrap: anywhere; }
.tiles dd { margin: 0; font-size: 1.25rem; line-height: 1.3; font-weight: 600; overflow-wrap: anywhere; }
.tiles small { display: block; font-size: .8125rem; line-height: 1.4; font-weight: 400; color: var(--argmin-muted-text); }
.warning { border-left: .3rem solid var(--argmin-highlight); background: var(--argmin-surface); padding: .6rem 1rem; border-radius: 0 .375rem .375rem 0; margin: 1rem 0; }
.sentences { padding-left: 1.25rem; max-width: 75ch; overflow-wrap: anywhere; }
.sentences li, .changes li { margin: .35rem 0; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 0 2rem; margin: .5rem 0; }
.pairs > div { display: flex; justify-content: space-between; gap: 1rem; padding: .2rem 0; border-bottom: 1px solid var(--argmin-grid); }
.pairs dt { min-width: 0; overflow-wrap: anywhere; }
.pairs dd { margin: 0; flex: none; max-width: 60%; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scrolls, .picture { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
th, td { text-align: right; vertical-align: top; padding: .3rem .75rem; border-bottom: 1px solid var(--argmin-grid); font-weight: 400; }
thead th { color: var(--argmin-muted-text); vertical-align: bottom; border-bottom-color: var(--argmin-outline); }
th:first-child, td:first-child { padding-left: 0; }
th[scope="row"], thead th:first-child, .words { text-align: left; }
.compared thead th, .compared tbody tr:first-child > * { font-weight: 600; color: var(--argmin-text); }
td { white-space: nowrap; }
td.words, .compared td { white-space: normal; }
td .muted { white-space: nowrap; }
.compared td { max-width: 11rem; overflow-wrap: break-word; }
.compared th, .compared td { padding-left: .45rem; padding-right: .45rem; }
th[scope="row"] { min-width: 11rem; max-width: 16rem; overflow-wrap: break-word; }
.compared { font-size: .8125rem; }
.reason { max-width: 40rem; overflow-wrap: anywhere; }
.chart { margin-bottom: 2.5rem; }
.chart .note { margin-top: 0; }
.nothing { background: var(--argmin-surface); border-radius: .5rem; padding: .75rem 1rem; }
figure { margin: 0; }
.picture svg { display: block; max-width: 100%; height: auto; }
.picture [pointer-events] > :hover { stroke: var(--argmin-text); stroke-width: 1.5; }
.picture [pointer-events="stroke"] > :hover { stroke-width: inherit; stroke-opacity: .35; }
.sideways { display: none; }
@media (hover: none) { .pointing { display: none; } }
.code { position: relative; }
.code pre { margin: 0; padding: 1rem; overflow-x: auto; background: var(--argmin-surface); border-radius: .5rem; font-size: .875rem; line-height: 1.5; }
.copy { position: absolute; right: .5rem; top: .5rem; background: var(--argmin-page); }
@media (max-width: 48rem) {
  .picture svg { min-width: 44rem; }
  .sideways { display: block; }
  .code pre { padding-top: 3.25rem; }
}`;

const paper = `
@page { size: A4; margin: 16mm 14mm; }
@media print {
  html { font-size: 10.5pt; background: none; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { display: block; max-width: none; padding: 0; }
  header { padding-top: 0; }
  nav, .skip, button, .themes, .pointing, .sideways { display: none !important; }
  h2, h3 { break-after: avoid; }
  .chart, .tiles > div, .warning, tr, li, .pairs > div { break-inside: avoid; }
  .chart > .note { break-after: avoid; }
  .scrolls, .picture { overflow: visible; }
  .picture svg { min-width: 0; max-width: 100%; max-height: 215mm; width: auto; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(5.5rem, 1fr)); gap: .5rem; }
  .tiles > div { padding: .45rem; }
  .tiles dd { font-size: 1.05rem; }
  table { font-size: 8pt; width: 100%; }
  .compared { font-size: 7.5pt; table-layout: fixed; }
  th, td, .compared th, .compared td { padding: .15rem .3rem; }
  .compared td { padding-left: .15rem; padding-right: .15rem; max-width: none; overflow-wrap: anywhere; }
  th[scope="row"], thead th:first-child:not(.words) { width: 24%; min-width: 0; max-width: none; overflow-wrap: anywhere; }
  footer { margin-top: .5rem; padding: 0; border: 0; break-before: avoid; }
  footer p { margin: 0; }
  .code pre { padding: .6rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
}`;
