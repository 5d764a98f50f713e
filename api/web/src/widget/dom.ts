/** Elements made in one expression. Text goes in as text nodes only; nothing here parses HTML. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/** An attribute that is false, null or undefined is left out; `onclick` and its like take a listener. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
}

const ICONS = {
  chat: "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H12l-4.6 4.1c-.5.4-1.2.1-1.2-.5V16A2.4 2.4 0 0 1 4 13.5z M8.2 9.5h.01M12 9.5h.01M15.8 9.5h.01",
  down: "M5.5 9l6.5 6.5L18.5 9",
  close: "M6 6l12 12M18 6L6 18",
  download: "M12 4v11m0 0l-4.2-4.2M12 15l4.2-4.2M5 19.5h14",
  send: "M12 19.5V5m0 0l-6 6M12 5l6 6",
  human: "M12 11.5a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5z M4.75 20c.5-3.6 3.5-5.5 7.25-5.5s6.75 1.9 7.25 5.5",
  up: "M7 11v9H4v-9h3zm0 0l4.2-7.5c1.3 0 2.3 1 2.3 2.3V9.5h5a2 2 0 0 1 2 2.3l-1 6.5A2 2 0 0 1 17.5 20H7",
  thumbDown: "M7 13V4H4v9h3zm0 0l4.2 7.5c1.3 0 2.3-1 2.3-2.3V14.5h5a2 2 0 0 0 2-2.3l-1-6.5A2 2 0 0 0 17.5 4H7",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 3.5v4h-4",
};

/** A decorative line drawing on a 24 x 24 grid, in the colour of the text around it. */
export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }))
    svg.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
