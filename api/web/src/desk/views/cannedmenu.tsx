/** The canned replies that a slash opens above the reply box. */

import type { Canned } from "../values";
import { words } from "../words";

interface CannedMenuProps {
  replies: Canned[];
  at: number;
  choose: (reply: Canned) => void;
}

export function CannedMenu({ replies, at, choose }: CannedMenuProps) {
  return (
    <ul id="canned-menu" class="canned-menu" role="listbox" aria-label={words.value.canned}>
      {replies.map((reply, i) => (
        <li
          key={reply.shortcut}
          id={`canned-${i}`}
          role="option"
          aria-selected={i === at}
          onMouseDown={(event) => (event.preventDefault(), choose(reply))}
        >
          <b>/{reply.shortcut}</b>
          <span>{reply.title}</span>
          <small>{reply.text}</small>
        </li>
      ))}
    </ul>
  );
}
