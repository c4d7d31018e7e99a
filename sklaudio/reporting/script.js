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
