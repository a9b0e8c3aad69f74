// Edges of a place: moved by numbers, by keys, or by dragging them in the picture.

const SHORTEST = 0.06; // seconds that a word lasts at least
const STEP = 0.01; // seconds by which a key moves an edge
const REACH = 14; // pixels around an edge where it can be taken

function timeAt(place, event) {
  const box = place.element.querySelector(".picture").getBoundingClientRect();
  const { from, until } = place.found;
  return from + ((until - from) * (event.clientX - box.left)) / box.width;
}

/** Which edge is within reach of the pointer, if any. */
function edgeAt(place, event) {
  const box = place.element.querySelector(".picture").getBoundingClientRect();
  const seconds = (REACH * (place.found.until - place.found.from)) / box.width;
  const time = timeAt(place, event);
  const far = (edge) => Math.abs(place.judged[edge] - time);
  const nearest = far("start") < far("end") ? "start" : "end";
  return far(nearest) <= seconds ? nearest : null;
}

function draggable(place) {
  const picture = place.element.querySelector(".picture");
  let taken = null;
  picture.addEventListener("pointerdown", (event) => {
    taken = edgeAt(place, event);
    if (taken) picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    picture.classList.toggle("grip", taken !== null || edgeAt(place, event) !== null);
    if (taken) move(place, taken, timeAt(place, event));
  });
  for (const end of ["pointerup", "pointercancel"])
    picture.addEventListener(end, () => (taken = null));
  for (const input of place.inputs)
    input.addEventListener("change", () => {
      if (input.value === "") place.show();
      else move(place, input.dataset.edge, input.valueAsNumber);
    });
}

if (judgeable) places.forEach(draggable);
