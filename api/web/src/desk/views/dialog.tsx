/** A modal window: the browser's own <dialog> keeps the focus inside and gives it back; Escape closes it. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { close } from "../state/ui";
import { words } from "../words";
import { Icon } from "./icon";

interface DialogProps {
  title: string;
  kind?: string;
  takesFocus?: boolean; // when nothing inside it wants the focus more
  children: ComponentChildren;
}

export function Dialog({ title, kind = "", takesFocus = false, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current!.showModal();
  }, []);
  const pressed = (event: MouseEvent) => event.target === element.current && close(); // beside the window
  return (
    <dialog ref={element} autofocus={takesFocus} class={`dialog ${kind}`} aria-labelledby="dialog-title" onClose={close} onMouseDown={pressed}>
      <div class="dialog-inside">
        <header>
          <h2 id="dialog-title">{title}</h2>
          <button type="button" class="quiet-button" aria-label={words.value.close} onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
