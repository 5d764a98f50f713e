/** Web addresses in an answer become links; everything else stays the text that it is. */

import { h } from "./dom";

// printable ASCII only: a Chinese sentence may follow an address without a space
const ADDRESS = /\bhttps?:\/\/[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+/g;

/** The text as nodes, links among them. A full stop or bracket that ends the sentence does not belong to the address. */
export function linked(text: string): Node[] {
  const nodes: Node[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!isWeb(address)) continue;
    nodes.push(document.createTextNode(text.slice(end, match.index)));
    nodes.push(h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    end = match.index + address.length;
  }
  nodes.push(document.createTextNode(text.slice(end)));
  return nodes;
}

function trimmed(address: string): string {
  const short = address.replace(/[.,:;!?'*_]+$/, "");
  const unopened = /[)\]]$/.test(short) && !/[([]/.test(short);
  return unopened ? trimmed(short.slice(0, -1)) : short;
}

function isWeb(address: string): boolean {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false;
  }
}
