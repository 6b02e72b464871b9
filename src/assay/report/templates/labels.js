"use strict";
const task = JSON.parse(document.getElementById("task").textContent);
const by = (id) => document.getElementById(id);
const storeName = "assay-labels-" + task.task;
const given = new Map(); // id -> label
let place = 0;
let unsaved = false;
let keeps = true;

function restore() {
  try {
    const stored = JSON.parse(localStorage.getItem(storeName) || "{}");
    const known = new Set(task.documents.map((each) => each.id));
    for (const [id, label] of Object.entries(stored.labels || {}))
      if (known.has(id) && task.labels.includes(label)) given.set(id, label);
    by("annotator").value = stored.annotator || task.annotator;
    const first = task.documents.findIndex((each) => !given.has(each.id));
    place = first < 0 ? 0 : first;
  } catch {
    keeps = false;
    by("annotator").value = task.annotator;
  }
}

function keep() {
  try {
    localStorage.setItem(storeName, JSON.stringify({ annotator: by("annotator").value, labels: Object.fromEntries(given) }));
  } catch {
    keeps = false;
  }
}

function show() {
  const each = task.documents[place];
  by("place").textContent = `${place + 1} of ${task.documents.length}`;
  by("origin").textContent = `${each.source} · ${each.path} · record ${each.record} · ${each.id}`;
  by("text").textContent = each.text;
  by("text").scrollTop = 0;
  by("more").textContent = each.more_characters ? `${each.more_characters.toLocaleString("en")} more characters are not shown.` : "";
  state();
}

function state() {
  const each = task.documents[place];
  by("progress").textContent = `${given.size} of ${task.documents.length} labelled`;
  by("bar").value = given.size / task.documents.length;
  for (const button of by("choices").children) button.setAttribute("aria-pressed", String(given.get(each.id) === button.dataset.label));
  by("kept").className = keeps ? "" : "warn";
  by("kept").textContent = keeps ? "This browser keeps the labels until they are saved." : "This browser keeps nothing: save before you close the page.";
}

function label(text) {
  given.set(task.documents[place].id, text);
  changed();
  if (place + 1 < task.documents.length) go(place + 1);
  else state();
}

function clear() {
  given.delete(task.documents[place].id);
  changed();
  state();
}

function changed() {
  unsaved = true;
  by("saved").textContent = "";
  keep();
}

function go(to) {
  place = Math.min(Math.max(to, 0), task.documents.length - 1);
  show();
}

function nextUnlabelled() {
  const count = task.documents.length;
  for (let step = 1; step <= count; step++)
    if (!given.has(task.documents[(place + step) % count].id)) return go((place + step) % count);
}

function save() {
  const annotator = by("annotator").value.trim();
  const rows = task.documents.filter((each) => given.has(each.id));
  const lines = rows.map((each) => JSON.stringify({ id: each.id, text_hash: each.text_hash, label: given.get(each.id), annotator }) + "\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
  link.download = ["labels", task.corpus, annotator.replace(/[^\p{L}\p{N}]+/gu, "_")].filter((part) => part).join("-") + ".jsonl";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  unsaved = false;
  by("saved").textContent = `Saved ${rows.length} labels. Then: ${task.command} import_labels=${link.download}`;
}

const keys = new Map(); // key -> what it does
task.labels.forEach((text, number) => {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.label = text;
  button.textContent = number < 9 ? `${number + 1}  ${text}` : text;
  button.addEventListener("click", () => label(text));
  by("choices").append(button);
  if (number < 9) keys.set(String(number + 1), () => label(text));
});
keys.set("0", clear);
keys.set("ArrowLeft", () => go(place - 1));
keys.set("ArrowRight", () => go(place + 1));
keys.set("u", nextUnlabelled);
keys.set("s", save);
by("keys").textContent = task.labels.slice(0, 9).map((text, number) => `${number + 1} ${text}`).join(", ");
by("back").addEventListener("click", () => go(place - 1));
by("next").addEventListener("click", () => go(place + 1));
by("save").addEventListener("click", save);
by("annotator").addEventListener("input", keep);
document.addEventListener("keydown", (event) => {
  if (event.target === by("annotator") || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const does = keys.get(event.key);
  if (does) {
    event.preventDefault();
    does();
  }
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved && !keeps) event.preventDefault();
});
restore();
show();
