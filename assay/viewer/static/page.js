"use strict";
const flips = [...document.querySelectorAll(".flip")];
const direction = document.getElementById("direction");
const task = document.getElementById("task");
const shown = document.getElementById("shown");
const visible = () => flips.filter((flip) => !flip.hidden);

function filter() {
  for (const flip of flips) {
    const wrongWay = direction.value && flip.dataset.direction !== direction.value;
    const otherTask = task.value && flip.dataset.task !== task.value;
    flip.hidden = Boolean(wrongWay || otherTask);
  }
  const count = visible().length;
  shown.textContent = `${count} question${count === 1 ? "" : "s"}`;
}

function step(by) {
  const list = visible();
  if (!list.length) return;
  const at = list.findIndex((flip) => flip.open);
  const next = list[Math.min(list.length - 1, Math.max(0, at + by))];
  for (const flip of list) flip.open = flip === next;
  next.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", `#${next.id}`);
}

if (direction) {
  direction.addEventListener("change", filter);
  task.addEventListener("change", filter);
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("select, input") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
  });
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && target.matches(".flip")) target.open = true;
}
