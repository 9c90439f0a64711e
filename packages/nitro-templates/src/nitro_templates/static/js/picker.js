// Pickers: one of many, by typing a part of its title
//
// The server is asked what fits, at the page's own URL. What it answers is data and becomes text.

let picking, pickLater, pickAsked;

const pickerAt = (target) => target?.closest?.("[data-nitro-picker]");
const piecesOf = (picker) => {
  const [key, was] = picker.querySelectorAll("input[type=hidden]");
  const of = (role) => picker.querySelector(`[role=${role}]`);
  return { picker, key, was, box: of("combobox"), list: of("listbox"), status: of("status") };
};
const optionsIn = ({ list }) => [...list.querySelectorAll("[data-key]")];

function optionsUrl({ picker, box }, text) {
  const page = picker.closest("[data-nitro-page]")?.dataset.nitroPage;
  const url = new URL(page ?? picker.closest("dialog")?.dataset.url ?? location.href, location.href);
  const component = picker.closest("[data-nitro-key]")?.dataset.nitroKey ?? box.form?.id;
  url.searchParams.set("_ask", `options:${component}:${picker.dataset.nitroPicker}`);
  url.searchParams.set("_q", text);
  return url;
}

// What was typed, unless that is the title of what is chosen: then all are offered.
const wordIn = ({ box, key, was }) => (key.value && box.value === was.value ? "" : box.value);

async function offerOptions(pieces, then) {
  clearTimeout(pickLater);
  pickAsked?.abort();
  const { signal } = (pickAsked = new AbortController());
  picking = pieces.picker;
  pieces.box.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(optionsUrl(pieces, wordIn(pieces)), { signal, headers: { Accept: "application/json", ...inItsLanguage() } });
    if (!response.ok) throw new Error(response.status);
    const found = await response.json();
    if (signal.aborted) return;
    fillOptions(pieces, found);
    then?.();
  } catch {
    if (signal.aborted) return;
    closePicker(pieces);
    pieces.status.textContent = t("The choices could not be loaded. Try again in a moment.");
  }
  pieces.box.removeAttribute("aria-busy");
}

function fillOptions(pieces, { items, more }) {
  const { list, box, key, status } = pieces;
  const active = optionsIn(pieces).find((row) => row.id === box.getAttribute("aria-activedescendant"))?.dataset.key;
  list.replaceChildren(
    ...items.map(([value, title], index) => {
      const row = document.createElement("li");
      row.id = `${box.id}-option-${index}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", value === key.value);
      row.dataset.key = value;
      row.textContent = title;
      return row;
    }),
  );
  const count = `${items.length}${more ? "+" : ""}`;
  const found = more ? t("{count} found. Type more to narrow them down.", { count }) : t("{count} found", { count });
  const text = items.length ? found : t("Nothing found.");
  list.dataset.said = items.length && !more ? "" : text;
  status.textContent = text;
  unfoldPicker(pieces);
  activateOption(pieces, optionsIn(pieces).findIndex((row) => row.dataset.key === active));
}

function unfoldPicker({ list, box }) {
  list.hidden = false;
  box.setAttribute("aria-expanded", "true");
}

function closePicker(pieces) {
  clearTimeout(pickLater);
  pickAsked?.abort();
  if (picking === pieces.picker) picking = undefined;
  pieces.list.hidden = true;
  pieces.list.replaceChildren();
  pieces.status.textContent = "";
  pieces.box.setAttribute("aria-expanded", "false");
  pieces.box.removeAttribute("aria-activedescendant");
  pieces.box.removeAttribute("aria-busy");
}

function activateOption(pieces, index) {
  const rows = optionsIn(pieces);
  rows.forEach((row, at) => row.toggleAttribute("data-active", at === index));
  const row = rows[index];
  if (!row) return pieces.box.removeAttribute("aria-activedescendant");
  pieces.box.setAttribute("aria-activedescendant", row.id);
  row.scrollIntoView({ block: "nearest" });
}

const activeRow = (pieces) => pieces.list.querySelector("[data-active]");

function stepTo(pieces, by) {
  const rows = optionsIn(pieces);
  if (rows.length) activateOption(pieces, (rows.indexOf(activeRow(pieces)) + by + (by < 0 && !activeRow(pieces)) + rows.length) % rows.length);
}

function pick(pieces, row) {
  setPicked(pieces, row.dataset.key, row.textContent);
  closePicker(pieces);
}

function setPicked({ box, key, was }, value, title) {
  key.value = value;
  was.value = box.value = title;
  key.dispatchEvent(new Event("input", { bubbles: true }));
  key.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("input", (evt) => {
  const picker = pickerAt(evt.target);
  if (!picker || evt.target.type === "hidden") return;
  const pieces = piecesOf(picker);
  if (pieces.box !== evt.target) return;
  pieces.key.value = "";
  if (!pieces.box.value) pieces.was.value = "";
  if (evt.isComposing) return;
  picking = picker;
  clearTimeout(pickLater);
  pickAsked?.abort();
  pickLater = setTimeout(() => offerOptions(pieces), 150);
});

// Before the dialog and the form hear of it: Escape closes the list alone.
document.addEventListener(
  "keydown",
  (evt) => {
    const picker = pickerAt(evt.target);
    if (!picker || evt.isComposing || evt.target.getAttribute("role") !== "combobox") return;
    const pieces = piecesOf(picker), unfolded = !pieces.list.hidden;
    if (evt.key === "ArrowDown" || evt.key === "ArrowUp") {
      const by = evt.key === "ArrowDown" ? 1 : -1;
      if (evt.altKey && by < 0) closePicker(pieces);
      else if (!unfolded) offerOptions(pieces, evt.altKey ? undefined : () => stepTo(pieces, by));
      else if (!evt.altKey) stepTo(pieces, by);
    } else if (evt.key === "Enter" && unfolded) {
      const row = activeRow(pieces) ?? (optionsIn(pieces).length === 1 ? optionsIn(pieces)[0] : null);
      if (row) pick(pieces, row);
      else closePicker(pieces);
    } else if (evt.key === "Escape" && unfolded) closePicker(pieces);
    else if (evt.key === "Tab" && unfolded) return activeRow(pieces) && pick(pieces, activeRow(pieces));
    else {
      // the caret moves in the text, and with it what Enter is about
      if (/^(Home|End|ArrowLeft|ArrowRight)$/.test(evt.key)) activateOption(pieces, -1);
      return;
    }
    evt.preventDefault();
    evt.stopPropagation();
  },
  true,
);

document.addEventListener("pointerdown", (evt) => {
  // the focus stays in the box
  if (evt.target.closest?.("[data-nitro-picker] [role=listbox]")) evt.preventDefault();
});

document.addEventListener("click", (evt) => {
  const picker = pickerAt(evt.target);
  if (!picker) return;
  const pieces = piecesOf(picker), row = evt.target.closest("[data-key]");
  if (row) pick(pieces, row);
  else if (evt.target.closest("[data-nitro-clear]")) {
    setPicked(pieces, "", "");
    closePicker(pieces);
    pieces.box.focus();
  } else if (evt.target === pieces.box) pieces.list.hidden ? offerOptions(pieces) : closePicker(pieces);
});

document.addEventListener("focusout", (evt) => {
  const picker = pickerAt(evt.target);
  if (!picker || picker.contains(evt.relatedTarget) || picking !== picker) return;
  const pieces = piecesOf(picker), typed = pieces.box.value.trim().toLowerCase();
  const same = pieces.key.value ? [] : optionsIn(pieces).filter((row) => row.textContent.toLowerCase() === typed);
  if (same.length === 1) pick(pieces, same[0]);
  else closePicker(pieces);
});

// A patch may have changed what can be chosen, and has forgotten that the list is open.
afterPatches(() => {
  if (!picking?.isConnected) return (picking = undefined);
  const pieces = piecesOf(picking);
  // one that changed nothing in here, such as a message, leaves alone what somebody has marked
  if (pieces.list.hidden || (pieces.box.ariaExpanded === "true" && activeRow(pieces))) return;
  unfoldPicker(pieces);
  clearTimeout(pickLater);
  pickLater = setTimeout(() => offerOptions(pieces), 100);
});
