// Forms that go on living while somebody types in them
//
// The stream sends a form anew when its thing changes. What its user has touched is left out of
// such a patch before it is applied: text, caret, selection and focus stay theirs. They are told
// what the other value is and whose, and choose.

// By form and field: the seal under which the user began to change it, what it showed then, when
// they changed it last, and what somebody else made of it since.
const touched = new WeakMap();
const sentAt = new WeakMap();
const followedAt = new WeakMap();
let moves = 0;
let left = [];

const controls = (row) => [...row.querySelectorAll("input, select, textarea")].filter((field) => field.name);
const rowsIn = (form) => new Map([...form.querySelectorAll("[data-nitro-field]")].map((row) => [row.dataset.nitroField, row]));
const sealOf = (form) => form.querySelector('input[name="_nitro"]')?.value;
const marked = (form, name) => form.getAttribute("data-nitro-" + name); // a field may be called "dataset"
const fieldsOf = (form) => touched.get(form) ?? touched.set(form, new Map()).get(form);

function entryOf(form, row) {
  const fields = fieldsOf(form), name = row.dataset.nitroField;
  if (!fields.has(name)) fields.set(name, { seal: sealOf(form), seen: row.dataset.nitroSeen, at: 0 });
  return fields.get(name);
}

function touch({ target }) {
  const row = target.closest?.("[data-nitro-field]"), form = row?.closest("form[data-nitro-live]");
  if (form) entryOf(form, row).at = ++moves;
}

document.addEventListener("input", touch, true);
document.addEventListener("change", touch, true);
document.addEventListener("submit", (evt) => sentAt.set(evt.target, ++moves), true);
document.addEventListener("formdata", ({ target, formData }) => {
  for (const [name, entry] of touched.get(target) ?? []) {
    if (entry.seen && entry.seal !== sealOf(target)) formData.set("_nitro." + name, entry.seal);
  }
});

// What a row would send, to compare, and how people read it.
function stateOf(row) {
  return JSON.stringify(controls(row).flatMap((field) => sentBy(field).map((text) => [field.name, text])));
}

function readable(row) {
  const file = row.querySelector("[data-nitro-file]");
  if (file) return file.dataset.nitroFile;
  const shown = controls(row).filter((field) => field.type !== "hidden" && field.type !== "password");
  const boxes = shown.filter((field) => field.type === "checkbox");
  const said = shown.flatMap((field) => {
    if (boxes.length === 1 && field === boxes[0]) return field.checked ? t("Yes") : t("No");
    if (ticks(field)) return field.checked ? captionOf(row, field) : [];
    return field.options ? [...field.selectedOptions].map((option) => option.text) : field.value;
  });
  return said.filter((text) => text.trim()).join(", ");
}

function captionOf(row, field) {
  const label = field.closest("label") ?? row.querySelector(`label[for="${CSS.escape(field.id)}"]`);
  return wordsOf(label ?? row.querySelector("legend, label")) ?? field.value;
}

// One right behind the tag is dropped when it is read. Some browsers write another one themselves.
const lineBreak = (() => {
  const box = document.createElement("textarea");
  box.append("\n");
  return box.outerHTML.includes("\n\n") ? "" : "\n";
})();

const wordsOf = (label) => label?.textContent.replace(/\s*\*?\s*$/, "");
const nameOf = (row) => wordsOf(row.querySelector("legend, label")) ?? row.dataset.nitroField;

// A browser gives these a value of its own when they have none.
const changedUnheard = (field) => !/^(color|range)$/.test(field.type) && isDirty(field);

function leave(mine, fresh) {
  left.push(mine);
  mine.setAttribute("data-ignore-morph", "");
  fresh.setAttribute("data-ignore-morph", "");
  fresh.replaceChildren();
}

function follow(form, fresh) {
  followedAt.set(form, ++moves);
  const gone = fresh.querySelector("[data-nitro-gone]");
  if (gone) return tellGone(form, fresh, gone);
  const rows = rowsIn(form), fields = fieldsOf(form), seal = sealOf(fresh);
  for (const row of rows.values()) {
    if ("nitroTyped" in row.dataset || controls(row).some(changedUnheard)) entryOf(form, row);
  }
  for (const [name, row] of rowsIn(fresh)) {
    const mine = rows.get(name), entry = fields.get(name), { nitroSeen: seen, nitroBy: by } = row.dataset;
    if (!mine) continue;
    if (!entry) {
      if (seen === mine.dataset.nitroSeen && mine.querySelector('[aria-invalid="true"]')) leave(mine, row);
      continue;
    }
    if (!seen || seen === entry.seen) delete entry.theirs;
    else if (stateOf(row) === stateOf(mine)) {
      fields.delete(name); // both want the same
      continue;
    } else if (entry.theirs?.seen !== seen) entry.theirs = { seen, seal, by, row: row.cloneNode(true) };
    leave(mine, row);
  }
  keepAround(form, fresh);
}

// What an answer of the server, or somebody else, has put around the rows.
function keepAround(form, fresh) {
  const at = fresh.querySelector('input[name="_nitro"]');
  const summary = form.querySelector(":scope > [id]:has(> .nitro-summary)");
  if (summary && at) {
    const place = document.createElement(summary.tagName);
    place.id = summary.id;
    at.after(place);
    leave(summary, place);
  }
  // Enter presses the first button
  const first = form.querySelector("button[type=submit]");
  if (first?.hidden && !fresh.querySelector("button[type=submit]")?.hidden) at?.after(first.cloneNode(true));
  for (const name of ["aria-busy", "data-nitro-saving", "data-nitro-unsaved"]) if (form.hasAttribute(name)) fresh.setAttribute(name, form.getAttribute(name));
  const before = form.querySelector(":scope > [data-nitro-told]");
  if (before) at?.after(before.cloneNode(true));
  else if (marked(form, "seen") !== marked(fresh, "seen")) {
    const note = piece("p", "nitro-notice", t("{name} has changed this since you opened it.", { name: marked(fresh, "by") ?? t("Somebody else") }));
    note.dataset.nitroTold = "";
    note.setAttribute("role", "alert");
    at?.after(note);
  }
}

function tellGone(form, fresh, notice) {
  if (!form.querySelector("[data-nitro-gone]")) form.prepend(notice.cloneNode(true));
  leave(form, fresh);
}

// The answer to what was sent. What was typed after that is newer than the answer.
function settleAnswer(form, fresh) {
  const at = sentAt.get(form) ?? moves, rows = rowsIn(form), answered = rowsIn(fresh), clean = [];
  for (const [name, entry] of touched.get(form) ?? []) {
    const mine = rows.get(name), row = answered.get(name);
    if (mine && row && entry.at > at) carry(mine, row);
    else if (!mine || !row || !("nitroTyped" in row.dataset)) {
      touched.get(form).delete(name);
      clean.push(name);
      continue;
    }
    Object.assign(entry, { seal: sealOf(fresh), seen: row.dataset.nitroSeen, theirs: undefined });
  }
  queueMicrotask(() => {
    const now = rowsIn(form);
    for (const name of clean) controls(now.get(name) ?? form).forEach((field) => now.has(name) && pristine(field));
    // the stream may have shown a newer state before this answer came
    if ((followedAt.get(form) ?? 0) > at) reopen(byId(form.closest("#nitro-dialog") ? "nitro-dialog-live" : "nitro-live"));
  });
}

function carry(mine, row) {
  const from = controls(mine), to = controls(row);
  if (from.length !== to.length || from.some((field, index) => field.name !== to[index].name || field.type === "file")) return leave(mine, row);
  to.forEach((field, index) => {
    const typed = from[index];
    if (ticks(field)) field.toggleAttribute("checked", typed.checked);
    else if (field.options) [...field.options].forEach((option) => option.toggleAttribute("selected", option.value === typed.value));
    else if (field.localName === "textarea") field.textContent = typed.value;
    else field.setAttribute("value", typed.value);
  });
}

function pristine(field) {
  if (ticks(field)) field.checked = field.defaultChecked;
  else if (field.options) [...field.options].forEach((option) => (option.selected = option.defaultSelected));
  else if (field.value !== field.defaultValue) field.value = field.type === "file" ? "" : field.defaultValue; // one that was sent
}

// What the other value is, and the choice

function drawAll() {
  for (const form of document.querySelectorAll("form[data-nitro-live]")) {
    if (!touched.has(form) || form.hasAttribute("aria-busy")) continue;
    for (const [name, row] of rowsIn(form)) draw(form, row, fieldsOf(form).get(name)?.theirs);
  }
}

function draw(form, row, theirs) {
  let box = row.querySelector("[data-nitro-theirs]");
  if (!theirs) return box && (box.remove(), describeTheirs(row, false));
  if (box?.dataset.nitroTheirs === theirs.seen) return;
  const label = nameOf(row), value = readable(theirs.row);
  const name = theirs.by ?? t("Somebody else"), shown = value || t("nothing");
  const text = value ? t("{name} changed this to “{value}”.", { name, value }) : t("{name} changed this to nothing.", { name });
  if (!box) {
    row.querySelectorAll(".nitro-conflict").forEach((old) => old.remove());
    const said = piece("p", "");
    said.id = row.id + "-theirs";
    box = piece("div", "nitro-conflict", said, choice("take", t("Take theirs")), choice("keep", t("Keep mine")));
    row.append(box);
    describeTheirs(row, true);
  }
  box.dataset.nitroTheirs = theirs.seen;
  box.firstChild.textContent = text;
  box.children[1].setAttribute("aria-label", t("Take theirs for {label}: {value}", { label, value: shown }));
  box.children[2].setAttribute("aria-label", t("Keep mine for {label}", { label }));
  const line = byId(form.getAttribute("id") + "-said");
  if (line) line.textContent = `${label}: ${text}`;
}

function choice(what, text) {
  const made = button("", "", text);
  made.dataset.nitroChoose = what;
  return made;
}

const inputOf = (row) => controls(row).find((field) => field.type !== "hidden");
const describeTheirs = (row, on) => inputOf(row) && describe(inputOf(row), row.id + "-theirs", on);

document.addEventListener("click", (evt) => {
  const button = evt.target.closest?.("[data-nitro-choose]");
  const row = button?.closest("[data-nitro-field]"), form = row?.closest("form");
  const fields = form && fieldsOf(form), entry = fields?.get(row.dataset.nitroField);
  if (!entry?.theirs) return;
  const { seen, seal, row: fresh } = entry.theirs;
  if (button.dataset.nitroChoose === "take") {
    fields.delete(row.dataset.nitroField);
    row.replaceWith(fresh);
    form.dispatchEvent(new CustomEvent("nitro-patched", { bubbles: true }));
    return inputOf(fresh)?.focus();
  }
  delete entry.theirs;
  Object.assign(entry, { seen, seal }); // theirs has been seen, and mine is meant
  row.dataset.nitroSeen = seen;
  draw(form, row);
  inputOf(row)?.focus();
});

const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

// Around every patch with such a form in it. This hears of it before Datastar does, as it captures.

document.addEventListener("datastar-fetch", ({ detail: { type, el, argsRaw } }) => {
  if (type === "finished") return queueMicrotask(drawAll);
  if (type !== "datastar-patch-elements") return;
  queueMicrotask(drawAll);
  if (!argsRaw.elements?.includes("data-nitro-live") || (argsRaw.mode ?? "outer") !== "outer") return;
  const { content } = parsed(`<template>${argsRaw.elements}</template>`).querySelector("template");
  const put = [];
  for (const fresh of content.querySelectorAll("form[data-nitro-live]")) {
    const form = byId(fresh.getAttribute("id"));
    if (!(form instanceof HTMLFormElement)) continue;
    put.push(steady(form));
    if (el === form) settleAnswer(form, fresh);
    else if (el.id.endsWith("-live")) follow(form, fresh);
  }
  if (!put.length) return;
  for (const box of content.querySelectorAll("textarea")) if (box.value.startsWith("\n")) box.prepend(lineBreak);
  argsRaw.elements = [...content.children].map((part) => part.outerHTML).join("");
  queueMicrotask(() => {
    left.forEach((part) => part.removeAttribute("data-ignore-morph"));
    left = [];
    drawAll();
    put.forEach((back) => back());
  });
}, true);

// Keeps caret and place of the field that has the focus, also if its value changed.
function steady(form) {
  const field = document.activeElement;
  if (field?.closest("form") !== form) return () => {};
  const { id, value, selectionStart: start, selectionEnd: end, selectionDirection: way } = field;
  const { top } = field.getBoundingClientRect();
  return () => {
    const now = field.isConnected ? field : byId(id);
    const at = document.activeElement;
    if (!now || (at !== now && at !== document.body)) return; // it was taken to an error
    if (at !== now) now.focus({ preventScroll: true });
    if (typeof start === "number" && now.value !== value) now.setSelectionRange(start, end, way);
    const moved = now.getBoundingClientRect().top - top;
    if (moved) (form.closest("#nitro-dialog-content") ?? document.scrollingElement).scrollTop += moved;
  };
}
