/** Line drawings on a 24 x 24 grid in the colour of the text around them; decorative, so never read out. */

const PATHS = {
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
  person: "M12 11.5a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5zM4.75 20c.5-3.6 3.5-5.5 7.25-5.5s6.75 1.9 7.25 5.5",
  take: "M4 12h13m0 0l-5-5m5 5l-5 5M20.5 5v14",
  release: "M20 12H7m0 0l5-5m-5 5l5 5M3.5 5v14",
  transfer: "M4 8h14m0 0l-3.5-3.5M18 8l-3.5 3.5M20 16H6m0 0l3.5-3.5M6 16l3.5 3.5",
  label: "M4 5.5v5.7c0 .5.2 1 .6 1.4l7.3 7.3c.8.8 2 .8 2.8 0l5.2-5.2c.8-.8.8-2 0-2.8l-7.3-7.3c-.4-.4-.9-.6-1.4-.6H5.5C4.7 4 4 4.7 4 5.5zM8 8h.01",
  done: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  note: "M5 4.5h14v10L14.5 19H5zM14.5 19v-4.5H19",
  clock: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 7.5V12l3 2",
  flag: "M6 20.5V4.5h11l-2.5 4 2.5 4H6",
  book: "M5 5.5A1.5 1.5 0 0 1 6.5 4H19v13.5H6.5A1.5 1.5 0 0 0 5 19zm0 13.5A1.5 1.5 0 0 0 6.5 20.5H19v-3",
  keyboard: "M4 7h16v10H4zM7.5 10.5h.01M11 10.5h.01M14.5 10.5h.01M17 10.5h.01M8.5 14h7",
  panel: "M4 5h16v14H4zM14.5 5v14",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  send: "M12 19.5V5m0 0l-6 6M12 5l6 6",
  offline: "M4 4l16 16M8.5 15.5a5 5 0 0 1 5-1.2M5 12a10 10 0 0 1 4.5-2.6M12.6 9A10 10 0 0 1 19 12M12 19h.01",
  down: "M6 9.5l6 6 6-6",
  back: "M14.5 6l-6 6 6 6",
  download: "M12 4v11m0 0l-4.5-4.5M12 15l4.5-4.5M5 19.5h14",
};

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
