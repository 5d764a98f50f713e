/** Web addresses in a text, told apart from what is around them; whoever shows them makes the links. */

// printable ASCII only: a Chinese sentence may follow an address without a space
const ADDRESS = /\bhttps?:\/\/[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+/g;

export const LINK = { target: "_blank", rel: "noopener noreferrer nofollow" };

/** A piece of a text: itself, or an address that is safe to open. */
export type Piece = string | { href: string };

/** The text in pieces. A full stop or bracket that ends the sentence does not belong to the address. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const href = trimmed(match[0]);
    if (!isWeb(href)) continue;
    found.push(text.slice(end, match.index), { href });
    end = match.index + href.length;
  }
  return [...found, text.slice(end)].filter((piece) => piece !== "");
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
