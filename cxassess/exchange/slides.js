// One slide at a time, turned over by keys, buttons, touch or the address; without this file all stand below one another.
const slides = [...document.querySelectorAll("main > section")];
const told = document.getElementById("told");
const root = document.documentElement;
let current = 0;

function show(number, focus = true) {
  current = Math.min(Math.max(number, 0), slides.length - 1);
  slides.forEach((slide, place) => { slide.hidden = place !== current; });
  if (location.hash !== `#${current + 1}`) history.replaceState(null, "", `#${current + 1}`);
  told.textContent = slides[current].dataset.place;
  document.getElementById("at").textContent = `${current + 1} / ${slides.length}`;
  document.getElementById("back").disabled = current === 0;
  document.getElementById("forward").disabled = current === slides.length - 1;
  if (focus) scrollTo(0, 0);
}

const asked = () => (parseInt(location.hash.slice(1), 10) || 1) - 1;
const actions = {
  ArrowRight: () => show(current + 1), ArrowDown: () => show(current + 1), PageDown: () => show(current + 1), " ": () => show(current + 1),
  ArrowLeft: () => show(current - 1), ArrowUp: () => show(current - 1), PageUp: () => show(current - 1),
  Home: () => show(0), End: () => show(slides.length - 1),
  n: () => root.classList.toggle("with-notes"),
  f: () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.(),
};

addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  // Space presses the button or follows the link that has the focus.
  if (event.key === " " && event.target.closest("a, button, summary")) return;
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

let start = null;
addEventListener("touchstart", event => { start = event.touches.length === 1 ? event.touches[0] : null; }, { passive: true });
addEventListener("touchend", event => {
  if (!start) return;
  const across = event.changedTouches[0].clientX - start.clientX, down = event.changedTouches[0].clientY - start.clientY;
  if (Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(down)) show(current + (across < 0 ? 1 : -1));
  start = null;
}, { passive: true });

addEventListener("hashchange", () => show(asked()));
document.getElementById("back").addEventListener("click", () => show(current - 1));
document.getElementById("forward").addEventListener("click", () => show(current + 1));
document.getElementById("with-notes").addEventListener("click", () => root.classList.toggle("with-notes"));
// On paper every slide is there.
addEventListener("beforeprint", () => slides.forEach(slide => { slide.hidden = false; }));
addEventListener("afterprint", () => show(current, false));
root.classList.add("live");
show(asked(), false);
