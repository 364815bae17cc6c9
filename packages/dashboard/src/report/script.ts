import { createHash } from "node:crypto";

/**
 * What a report does beyond being read: the switch of colours and the copy button. Everything else works
 * without it; what needs it is hidden until it runs.
 */
export const reportScript = `
(() => {
  const root = document.documentElement;
  const key = "argmin-theme";
  const kept = () => { try { return localStorage.getItem(key) ?? ""; } catch { return ""; } };
  const keep = (name) => { try { localStorage.setItem(key, name); } catch { /* a page without storage forgets */ } };
  const show = (name) => { if (name === "light" || name === "dark") root.dataset.theme = name; else delete root.dataset.theme; };
  show(kept());
  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("[hidden]")) element.hidden = false;
    for (const input of document.querySelectorAll("input[name=theme]")) {
      input.checked = input.value === (root.dataset.theme ?? "");
      input.addEventListener("change", () => { show(input.value); keep(input.value); });
    }
    for (const button of document.querySelectorAll("[data-copies]")) {
      const source = document.getElementById(button.dataset.copies);
      const select = () => {
        const range = document.createRange();
        range.selectNodeContents(source);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
      };
      button.addEventListener("click", async () => {
        let isCopied = true;
        try { await navigator.clipboard.writeText(source.textContent); }
        catch { select(); isCopied = document.execCommand("copy"); }
        const words = isCopied ? "Copied" : "Selected: copy it";
        button.textContent = words;
        document.getElementById("report-copied").textContent = words;
        setTimeout(() => { button.textContent = "Copy"; }, 2000);
      });
    }
  });
})();
`;

/** Names the script to the browser, so that it runs this one and no other. */
export function scriptDigest(): string {
  return `sha256-${createHash("sha256").update(reportScript).digest("base64")}`;
}
