"use strict";
// Lists of clips are copies of what is on the page; no text is ever read as HTML.
const dialog = document.getElementById("clips");
const title = document.getElementById("clips-title");
const note = document.getElementById("clips-note");
const list = document.getElementById("clips-list");
const buttons = [...document.querySelectorAll("button[data-opens]")];

function show(button) {
  const found = document.querySelectorAll(`main [data-cell~="${CSS.escape(button.dataset.opens)}"]`);
  const wanted = Number(button.dataset.wanted ?? button.textContent);
  const noun = button.dataset.noun ?? "clip";
  title.textContent = button.dataset.title;
  note.textContent =
    `${wanted} ${noun}${wanted === 1 ? "" : "s"}` + (found.length < wanted ? `, ${found.length} of them listed` : "");
  list.replaceChildren(...[...found].map((item) => item.cloneNode(true)));
  dialog.showModal();
  dialog.scrollTop = 0;
}

function silence(but) {
  for (const audio of document.querySelectorAll("audio")) {
    if (audio !== but) audio.pause();
  }
}

// The button nearest in the direction of an arrow: in the same row, or in the same column.
function neighbour(button, key) {
  const cell = button.parentElement;
  const row = cell.parentElement;
  const sideways = key === "ArrowLeft" || key === "ArrowRight";
  const cells = sideways ? [...row.cells] : [...row.parentElement.rows].map((line) => line.cells[cell.cellIndex]);
  const step = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  for (let at = cells.indexOf(cell) + step; at >= 0 && at < cells.length; at += step) {
    const found = cells[at].querySelector("button");
    if (found) return found;
  }
  return null;
}

for (const button of buttons) {
  button.addEventListener("click", () => show(button));
  button.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    neighbour(button, event.key)?.focus();
  });
}
document.getElementById("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener("close", () => {
  if (dialog.open) return; // the event comes a moment later: another cell may be open by then
  silence(null);
  list.replaceChildren();
});

// An event is played alone, by the player of its excerpt.
let event = null;
document.addEventListener("click", (click) => {
  const mark = click.target.closest("[data-from]");
  const audio = mark?.closest(".mistake").querySelector("audio");
  if (!audio) return;
  audio.currentTime = Number(mark.dataset.from);
  event = { audio, end: Number(mark.dataset.to) };
  audio.play();
});
document.addEventListener(
  "timeupdate",
  ({ target }) => {
    if (event?.audio !== target || target.currentTime < event.end) return;
    event = null;
    target.pause();
  },
  true,
);
document.addEventListener("pause", ({ target }) => { if (event?.audio === target) event = null; }, true);

// Browsers refuse to open more than some dozens of players: those that were played longest ago are given back.
const played = [];
function play(audio) {
  silence(audio);
  if (played.includes(audio)) played.splice(played.indexOf(audio), 1);
  played.push(audio);
  if (played.length > 20) played.shift().load();
}
document.addEventListener("play", (event) => play(event.target), true);

// The map: a point is chosen by a press or by arrow keys, and played by the one player below it.
const map = document.getElementById("map-points");
if (map) {
  const points = [...map.querySelectorAll(".point")].map((element) => {
    const { e: x, f: y } = element.transform.baseVal.consolidate().matrix;
    return { element, x, y };
  });
  const audio = document.getElementById("map-audio");
  let chosen = null;

  const choose = (point) => {
    chosen = point;
    const current = document.getElementById("map-current");
    current.setAttribute("cx", point.x);
    current.setAttribute("cy", point.y);
    const { name, true: actual, said, of, sound } = point.element.dataset;
    audio?.pause();
    const source = sound ?? document.querySelector(`main .mistake[data-number="${of}"] audio`)?.src;
    if (source) audio.src = source;
    else audio?.removeAttribute("src");
    document.getElementById("map-said").textContent =
      `${name}: is ${actual}, ` + (said === actual ? "as predicted" : `said ${said}`) + (source ? "" : "; its sound is not in this page");
    return Boolean(source);
  };
  // Nearest in the direction of an arrow, where what is sideways counts twice.
  const towards = (key) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    let best = null, least = Infinity;
    for (const point of points) {
      const x = point.x - chosen.x, y = point.y - chosen.y;
      const ahead = x * dx + y * dy;
      const distance = ahead + 2 * Math.abs(x * dy + y * dx);
      if (ahead > 0 && distance < least) [best, least] = [point, distance];
    }
    return best;
  };
  map.addEventListener("click", (click) => {
    const point = points.find(({ element }) => element === click.target);
    if (point && choose(point)) audio.play().catch(() => {}); // another point was chosen before it began
  });
  map.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (chosen && audio?.hasAttribute("src")) audio.play().catch(() => {});
    } else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      const next = chosen ? towards(event.key) : points[0];
      if (next) choose(next);
    }
  });
}
