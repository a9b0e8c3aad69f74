// A place on the page: its sound, its picture, and what a person made of it.

const data = JSON.parse(document.getElementById("data").textContent);
const judgeable = data.review !== null;

class Place {
  constructor(element, found, number) {
    this.element = element;
    this.found = found;
    this.number = number;
    this.audio = element.querySelector("audio");
    this.until = null; // where to stop, in seconds of the recording
    this.judged = { decision: "undecided", start: found.start, end: found.end };
    this.inputs = [...element.querySelectorAll("input[data-edge]")];
    this.audio.addEventListener("play", () => this.begin());
    this.audio.addEventListener("pause", () => this.paused());
    this.audio.addEventListener("timeupdate", () => this.follow());
    this.audio.addEventListener("error", () => say("This browser cannot play Ogg sound."));
  }

  get name() {
    return `${this.number + 1}, ${this.element.querySelector("h3").dataset.title}`;
  }

  get moved() {
    return this.judged.start !== this.found.start || this.judged.end !== this.found.end;
  }

  /** Play the place, or all of the sound; stop if that is what plays. */
  toggle(whole) {
    if (!this.audio.paused) return this.audio.pause();
    this.play(whole);
  }

  play(whole) {
    const from = whole ? this.found.from : this.judged.start;
    this.audio.pause();
    this.alone();
    this.audio.currentTime = from - this.found.from;
    this.until = whole ? this.found.until : this.judged.end;
    this.audio.play().catch((error) => {
      if (error.name !== "AbortError") say("This sound cannot be played.");
    });
  }

  /** Let nothing else be heard. */
  alone() {
    for (const other of places) if (other !== this) other.audio.pause();
  }

  /** Follow what plays, whoever started it: a key, a button or the player's own controls. */
  begin() {
    this.alone();
    const step = () => {
      this.follow();
      if (!this.audio.paused) requestAnimationFrame(step);
    };
    step();
  }

  /** Forget where to stop, unless it plays anew: the event comes later than the pause. */
  paused() {
    if (this.audio.paused) this.until = null;
  }

  /** Move the playhead, and stop at the end of what is to be heard. */
  follow() {
    const time = this.found.from + this.audio.currentTime;
    if (this.until !== null && !this.audio.paused && time >= this.until) this.audio.pause();
    const head = this.element.querySelector(".playhead");
    setX(head, this.percent(time));
    head.classList.toggle("moving", !this.audio.paused);
  }

  percent(time) {
    return (100 * (time - this.found.from)) / (this.found.until - this.found.from);
  }

  /** Draw what was judged. */
  show() {
    const { decision, start, end } = this.judged;
    const span = this.element.querySelector(".span");
    span.setAttribute("x", `${this.percent(start)}%`);
    span.setAttribute("width", `${this.percent(end) - this.percent(start)}%`);
    for (const edge of this.element.querySelectorAll(".edge"))
      setX(edge, this.percent(this.judged[edge.dataset.edge]));
    for (const input of this.inputs) input.value = this.judged[input.dataset.edge].toFixed(3);
    this.element.dataset.decision = decision;
    const badge = this.element.querySelector(".decision");
    badge.hidden = decision === "undecided";
    badge.textContent = decision + (this.moved ? ", edges moved" : "");
    for (const [action, its] of [["accept", "accepted"], ["reject", "rejected"]])
      this.button(action).setAttribute("aria-pressed", String(decision === its));
  }

  button(action) {
    return this.element.querySelector(`[data-action="${action}"]`);
  }
}

function setX(line, percent) {
  for (const name of ["x1", "x2"]) line.setAttribute(name, `${percent}%`);
}

/** Tell people, also those who hear the page. */
function say(words) {
  document.querySelector(".status").textContent = words;
}

const places = [...document.querySelectorAll(".place")].map(
  (element, number) => new Place(element, data.places[number], number),
);
