/** A text as nodes: web addresses become links, everything else stays the text that it is. */

import { LINK, pieces } from "../common/links";
import { h } from "./dom";

export function linked(text: string): Node[] {
  return pieces(text).map((piece) =>
    typeof piece === "string" ? document.createTextNode(piece) : h("a", { href: piece.href, ...LINK }, piece.href),
  );
}
