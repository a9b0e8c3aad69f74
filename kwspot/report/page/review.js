// Judging: every change can be undone, and all of it saved as a file.

const done = []; // what to undo: a place, what it was before, and what was changed
let unsaved = false;

/** Change what was judged of a place; a series of moves of one edge is undone as one. */
function change(place, next, what) {
  const last = done.at(-1);
  const goesOn = last && last.place === place && last.what === what && what in place.judged;
  if (!goesOn) done.push({ place, what, before: place.judged });
  place.judged = { ...place.judged, ...next };
  unsaved = true;
  refresh(place);
}

function undo() {
  const last = done.pop();
  if (!last) return say("There is nothing to undo.");
  last.place.judged = last.before;
  refresh(last.place);
  last.place.element.focus();
  say(`Undone: ${describe(last.place)}.`);
}

/** Accept or reject; the same once more takes it back. */
function decide(place, decision) {
  const again = place.judged.decision === decision;
  change(place, { decision: again ? "undecided" : decision }, decision);
  say(`${describe(place)}.`);
}

/** Put an edge somewhere: whoever does so says that the word is there. */
function move(place, edge, time) {
  const { from, until } = place.found;
  const { start, end } = place.judged;
  const [low, high] = edge === "start" ? [from, end - SHORTEST] : [start + SHORTEST, until];
  const put = Math.round(1000 * Math.min(Math.max(time, low), high)) / 1000;
  change(place, { [edge]: put, decision: "accepted" }, edge);
  say(`${place.name}: ${edge} ${put.toFixed(2)} seconds.`);
}

function describe(place) {
  const { decision, start, end } = place.judged;
  return `${place.name}: ${decision}, ${start.toFixed(2)} to ${end.toFixed(2)} seconds`;
}

function refresh(place) {
  place.show();
  const judged = places.filter((one) => one.judged.decision !== "undecided").length;
  document.querySelector(".progress").textContent = `${judged} of ${places.length} judged`;
  document.querySelector('[data-action="undo"]').disabled = done.length === 0;
}

/** What is saved; kwspot/review.py describes it. */
function review() {
  const items = places.map(({ found, judged }) => ({
    recording: found.recording,
    digest: found.digest,
    keyword: found.keyword,
    decision: judged.decision,
    start: judged.start,
    end: judged.end,
    found: { start: found.start, end: found.end, score: found.score, present: found.present },
  }));
  return { ...data.review, saved: new Date().toISOString(), items };
}

function save() {
  const content = new Blob([`${JSON.stringify(review(), null, 1)}\n`], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = data.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  unsaved = false;
  say(`Saved as ${data.file}, where this browser keeps downloads.`);
}

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
