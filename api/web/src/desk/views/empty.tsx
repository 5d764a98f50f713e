/** Where there is nothing to see: what would be here, and how it gets there. */

import type { ComponentChildren } from "preact";

export function Empty({ title, more, children }: { title: string; more?: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {more && <p>{more}</p>}
      {children}
    </div>
  );
}
