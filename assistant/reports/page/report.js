// Shows what a mark stands for: on hover, touch and keyboard focus. Without it the page is whole, only quieter.
const tip = document.getElementById("tip");

function show(mark) {
  tip.textContent = mark.dataset.tip;
  tip.hidden = false;
  const at = mark.getBoundingClientRect();
  const wide = document.documentElement.clientWidth;
  const middle = at.left + at.width / 2 - tip.offsetWidth / 2;
  tip.style.left = `${scrollX + Math.max(6, Math.min(middle, wide - tip.offsetWidth - 6))}px`;
  const above = at.top - tip.offsetHeight - 8;
  tip.style.top = `${scrollY + (above > 4 ? above : at.bottom + 8)}px`;
}

const of = (event) => event.target instanceof Element && event.target.closest("[data-tip]");
for (const name of ["pointerover", "focusin"])
  document.addEventListener(name, (event) => {
    const mark = of(event);
    if (mark) show(mark);
    else if (name === "pointerover") tip.hidden = true;
  });
document.addEventListener("focusout", () => (tip.hidden = true));
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") tip.hidden = true;
});

// Paper has no summary to press: what is folded away is printed, and folded again afterwards.
const folded = [...document.querySelectorAll("details")];
addEventListener("beforeprint", () => folded.forEach((part) => (part.open = true)));
addEventListener("afterprint", () => folded.forEach((part) => (part.open = false)));
