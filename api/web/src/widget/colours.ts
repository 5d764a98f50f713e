/** From the owner's one colour the four that stay readable: WCAG 2.2 contrast of at least 4.5. */

type Rgb = [number, number, number];

const READABLE = 4.5;
const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [0, 0, 0];
// base.css's --bubble in both schemes: of the grounds that accented text stands on the one nearest to it
const LIGHT_GROUND: Rgb = [240, 242, 241];
const DARK_GROUND: Rgb = [38, 43, 46];

/** Set the custom properties on `element`. A colour that the browser cannot read leaves the style sheet's own. */
export function paint(element: HTMLElement, colour: string | undefined): void {
  element.style.color = ""; // an invalid value below would leave the former one standing
  element.style.color = colour ?? "";
  const digits = element.style.color && getComputedStyle(element).color.match(/^rgba?\((\d+), (\d+), (\d+)\)$/);
  element.style.color = "";
  if (!digits) return;
  const accent = digits.slice(1, 4).map(Number) as Rgb;
  const on = contrast(accent, WHITE) >= READABLE ? WHITE : INK; // one of both always reaches 4.58
  const bright = accent.map((channel) => (channel * 255) / Math.max(1, ...accent)) as Rgb; // of the same hue
  const colours = { accent, "on-accent": on, "ink-light": towards([INK], accent, LIGHT_GROUND), "ink-dark": towards([bright, WHITE], accent, DARK_GROUND) };
  for (const [name, rgb] of Object.entries(colours)) element.style.setProperty(`--${name}`, `rgb(${rgb.join(" ")})`);
}

/** The first colour on the way from `start` over all `ends`, in twentieths, that is readable on `ground`. */
function towards(ends: Rgb[], start: Rgb, ground: Rgb): Rgb {
  let mixed = start;
  for (const end of ends) {
    const from = mixed;
    for (let step = 1; contrast(mixed, ground) < READABLE && step <= 20; step++)
      mixed = from.map((channel, i) => Math.round(channel + ((end[i] - channel) * step) / 20)) as Rgb;
  }
  return mixed;
}

/** WCAG 2.2: (L1 + 0.05) / (L2 + 0.05), the lighter one above. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
