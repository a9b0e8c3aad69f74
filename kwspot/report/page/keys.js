// What buttons and keys do.

let current = 0; // the number of the place that keys are about
let begun = false;

function go(number) {
  current = Math.min(Math.max(number, 0), places.length - 1);
  const { element } = places[current];
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" });
}

/** Go to the next place and play it; the first comes before the second. */
function playNext(step) {
  go(begun ? current + step : 0);
  places[current].play(false);
}

const actions = {
  next: () => playNext(+1),
  before: () => playNext(-1),
  play: (place) => place.toggle(false),
  context: (place) => place.toggle(true),
};
if (judgeable)
  Object.assign(actions, {
    accept: (place) => decide(place, "accepted"),
    reject: (place) => decide(place, "rejected"),
    earlier: (place) => move(place, "start", place.judged.start - STEP),
    later: (place) => move(place, "start", place.judged.start + STEP),
    shorter: (place) => move(place, "end", place.judged.end - STEP),
    longer: (place) => move(place, "end", place.judged.end + STEP),
    undo,
    save,
  });

const KEYS = {
  n: "next",
  b: "before",
  " ": "play",
  c: "context",
  a: "accept",
  r: "reject",
  u: "undo",
  s: "save",
  ArrowLeft: "earlier",
  ArrowRight: "later",
};
const SHIFTED = { ArrowLeft: "shorter", ArrowRight: "longer" };
const OWN = { audio: [" ", "ArrowLeft", "ArrowRight"], button: [" "], summary: [" "] };

/** Whether what has the focus needs the key for itself. */
function isTaken(target, key) {
  const name = target.localName;
  return name === "input" ? target.type !== "checkbox" || key === " " : OWN[name]?.includes(key);
}

document.addEventListener("keydown", (event) => {
  const { target } = event;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "Escape" && target.closest(".place")) return target.closest(".place").focus();
  if (!document.getElementById("keys").checked) return;
  if (event.ctrlKey || event.metaKey || event.altKey || isTaken(target, key)) return;
  const action = actions[(event.shiftKey ? SHIFTED : KEYS)[key]];
  if (!action) return;
  event.preventDefault();
  if (event.repeat && !(key in SHIFTED)) return; // held down, only edges go on moving
  action(places[current]);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  enter(button); // not all browsers and screen readers move the focus to what is clicked
  actions[button.dataset.action](places[current]);
});

document.addEventListener("focusin", (event) => enter(event.target));

/** Take the place around an element, if there is one, for what keys are about. */
function enter(element) {
  const around = element.closest(".place");
  if (around) mark(places.findIndex((place) => place.element === around));
}

function mark(number) {
  begun = true;
  current = number;
  places.forEach((place, its) => {
    if (its === number) place.element.setAttribute("aria-current", "true");
    else place.element.removeAttribute("aria-current");
  });
}

for (const hidden of document.querySelectorAll(".tools, .keys, .controls")) hidden.hidden = false;
if (judgeable) places.forEach(refresh);
