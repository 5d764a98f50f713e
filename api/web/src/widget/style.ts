/** The style sheets, inside the shadow root. Adopted, not written as <style>: a page's CSP need not allow inline styles. */

import base from "./base.css?inline";
import messages from "./messages.css?inline";
import panel from "./panel.css?inline";

export function adopt(root: ShadowRoot): void {
  const css = base + panel + messages;
  if ("adoptedStyleSheets" in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } else {
    const style = document.createElement("style"); // Safari before 16.4
    style.textContent = css;
    (root as ShadowRoot).append(style);
  }
}
