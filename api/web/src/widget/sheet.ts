/** On a phone the panel is a sheet over the whole screen: the page behind it holds still and the keyboard pushes it up. */

// the same words stand in panel.css
const PHONE = "(max-width: 520px), (max-height: 460px)";

export function isSheet(): boolean {
  return matchMedia(PHONE).matches;
}

export function watchSheet(changed: () => void, signal: AbortSignal): void {
  matchMedia(PHONE).addEventListener("change", changed, { signal });
}

let overflowBefore: string | null = null;

/** Keep the page from scrolling under the sheet, and give its own overflow back afterwards. */
export function holdPage(hold: boolean): void {
  const { style } = document.documentElement;
  if (hold && overflowBefore === null) {
    overflowBefore = style.overflow;
    style.overflow = "hidden";
  }
  if (!hold && overflowBefore !== null) {
    style.overflow = overflowBefore;
    overflowBefore = null;
  }
}

/** iOS slides the page under its keyboard instead of shrinking it: tell the style sheet what is really visible. */
export function followViewport(element: HTMLElement, signal: AbortSignal): void {
  const { visualViewport } = window;
  if (!visualViewport) return;
  const measure = () => {
    if (visualViewport.scale > 1.01) return; // pinched: the sheet stays, the customer looks closer
    const { height, width, offsetTop: top, offsetLeft: left } = visualViewport;
    for (const [name, px] of Object.entries({ height, width, top, left })) element.style.setProperty(`--${name}`, `${px}px`);
  };
  visualViewport.addEventListener("resize", measure, { signal });
  visualViewport.addEventListener("scroll", measure, { signal });
  measure();
}
