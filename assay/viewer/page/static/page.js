"use strict";
const flips = [...document.querySelectorAll(".flip")];
const control = (id) => document.getElementById(id);
const visible = () => flips.filter((flip) => !flip.hidden);
const chosen = (id) => (control(id) ? control(id).value : "");

function filter() {
  const words = chosen("words").toLowerCase().split(/\s+/).filter(Boolean);
  const steady = control("steady") && control("steady").checked;
  for (const flip of flips) {
    const { direction, task, ended, flaky } = flip.dataset;
    const text = words.length ? flip.textContent.toLowerCase() : "";
    flip.hidden =
      Boolean(chosen("direction") && direction !== chosen("direction")) ||
      Boolean(chosen("task") && task !== chosen("task")) ||
      Boolean(chosen("ended") && !ended.split(" ").includes(chosen("ended"))) ||
      Boolean(steady && flaky !== undefined) ||
      words.some((word) => !text.includes(word));
  }
  const count = visible().length;
  control("shown").textContent = `${count} question${count === 1 ? "" : "s"}`;
}

function show(flip) {
  for (const other of flips) other.open = other === flip;
  flip.querySelector("summary").focus({ preventScroll: true });
  flip.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", `#${flip.id}`);
}

function step(by) {
  const list = visible();
  if (!list.length) return;
  const focused = list.indexOf(document.activeElement && document.activeElement.closest(".flip"));
  const at = focused >= 0 ? focused : list.findIndex((flip) => flip.open);
  show(list[Math.min(list.length - 1, Math.max(0, at + by))]);
}

function follow() {
  const target = flips.find((flip) => `#${flip.id}` === location.hash);
  if (!target) return;
  if (target.hidden) reset({});
  show(target);
}

function reset(wanted) {
  for (const id of ["direction", "task", "ended", "words"]) if (control(id)) control(id).value = wanted[id] || "";
  if (control("steady")) control("steady").checked = false;
  filter();
}

async function copy(button) {
  const source = control(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "copied";
  } catch {
    // Without leave to write to the clipboard the text is selected, ready to be copied by hand.
    getSelection().selectAllChildren(source);
    button.textContent = "selected";
  }
  setTimeout(() => (button.textContent = "copy"), 2000);
}

const COLUMNS = ["task", "question", "direction", "delta", "cluster", "flaky", "target"];
const OF_A_SIDE = ["score", "status", "extracted", "run"];

function row(flip) {
  const sides = [...flip.querySelectorAll(".answered")];
  return [
    ...COLUMNS.map((name) => (name === "flaky" ? String("flaky" in flip.dataset) : flip.dataset[name] || "")),
    flip.querySelector(".question").textContent,
    ...sides.flatMap((side) => [...OF_A_SIDE.map((name) => side.dataset[name] || ""), side.querySelector("pre").textContent]),
  ];
}

function cell(text) {
  // A spreadsheet would run what begins like a formula, and outputs of models are anything.
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function download(button) {
  const sides = ["a", "b"].flatMap((side) => [...OF_A_SIDE, "output"].map((name) => `${name}_${side}`));
  const lines = [[...COLUMNS, "text", ...sides], ...visible().map(row)].map((cells) => cells.map(cell).join(","));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv" }));
  link.download = button.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

if (flips.length) {
  control("csv").addEventListener("click", () => download(control("csv")));
  for (const id of ["direction", "task", "ended", "steady"]) if (control(id)) control(id).addEventListener("change", filter);
  control("words").addEventListener("input", filter);
  addEventListener("hashchange", follow);
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("select, input") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
  });
  follow();
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches(".copy")) copy(button);
  if (button.matches(".show") && flips.length) {
    reset(button.dataset);
    control("flips").scrollIntoView();
  }
});
