// Rows that are selected: they stay so over pages, orders, searches and changes by others

const chosen = new Map(); // by table: {ids, all, url, shown, last}
const bulkRuns = new Map(); // by table: what stops it

const boxesOf = (table) => [...(byId(`${table}-view`)?.querySelectorAll("input[data-nitro-select]") ?? [])];
const selectionOf = (table) => {
  if (!chosen.has(table)) chosen.set(table, { ids: new Set(), all: false });
  return chosen.get(table);
};
const matching = (table) => byId(`${table}-view`)?.querySelector(".nitro-count")?.textContent.match(/^[^ ]+/)?.[0] ?? "";

// Digits as programs read them.
const latin = (text) => text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => digit.charCodeAt(0) & 15);

function paintSelection(table) {
  const bar = byId(`${table}-bulk`);
  if (!bar) return;
  const { ids, all } = selectionOf(table);
  const boxes = boxesOf(table);
  for (const box of boxes) box.checked = all || ids.has(box.value);
  const ticked = boxes.filter((box) => box.checked).length;
  const head = byId(`${table}-view`).querySelector("input[data-nitro-select-page]");
  if (head) {
    head.checked = ticked > 0 && ticked === boxes.length;
    head.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  const some = all || ids.size > 0;
  bar.toggleAttribute("data-some", some);
  const every = bar.querySelector("[data-nitro-select-all]");
  every.hidden = all || !head?.checked || ids.size >= Number(latin(matching(table)).replace(/\D/g, ""));
  if (!every.hidden) every.textContent = t("Select all {count} that match", { count: matching(table) });
  const said = bar.querySelector(".nitro-selected");
  const text = all ? t("All {count} that match are selected", { count: matching(table) }) : some ? t("{count} selected", { count: number(ids.size) }) : "";
  if (said.textContent !== text) said.textContent = text;
}

function selectBoxes(table, boxes, on) {
  const selection = selectionOf(table);
  if (selection.all && !on) {
    selection.all = false;
    selection.ids = new Set(boxesOf(table).map((box) => box.value));
  }
  const most = Number(byId(`${table}-bulk`).dataset.most);
  for (const box of boxes) {
    if (!on) selection.ids.delete(box.value);
    else if (selection.ids.size < most) selection.ids.add(box.value);
    else toast(t("At most {most} can be selected one by one.", { most }), "error");
  }
  paintSelection(table);
}

// After each patch: a row that was selected and is not on the same page any more may be gone.
async function followSelection(table) {
  const selection = selectionOf(table);
  const now = boxesOf(table).map((box) => box.value);
  const { url, shown = [] } = selection;
  selection.shown = now;
  selection.url = location.href;
  if (selection.all && url && url !== location.href) {
    selection.all = false; // something else matches now
    selection.ids.clear();
  }
  paintSelection(table);
  const missing = url === location.href ? shown.filter((id) => selection.ids.has(id) && !now.includes(id)) : [];
  if (!missing.length) return;
  const ask = askUrl("there", table);
  for (const id of missing.slice(0, 100)) ask.searchParams.append("_id", id);
  const left = await fetch(ask, { headers: { Accept: "application/json" } }).then((r) => (r.ok ? r.json() : missing), () => missing);
  for (const id of missing) if (!left.includes(id)) selection.ids.delete(id);
  paintSelection(table);
}

document.addEventListener("click", (evt) => {
  const box = evt.target;
  const table = box.closest && tableOf(box);
  if (!table) return;
  if (box.matches("input[data-nitro-select]")) {
    const selection = selectionOf(table);
    const boxes = boxesOf(table);
    const at = boxes.indexOf(box);
    const from = evt.shiftKey ? boxes.findIndex((other) => other.value === selection.last) : -1;
    const range = from < 0 ? [box] : boxes.slice(Math.min(at, from), Math.max(at, from) + 1);
    selection.last = box.value;
    return selectBoxes(table, range, box.checked);
  }
  if (box.matches("input[data-nitro-select-page]")) return selectBoxes(table, boxesOf(table), box.checked);
  const button = box.closest("button");
  if (!button) return;
  if (button.hasAttribute("data-nitro-select-all")) {
    selectionOf(table).all = true;
    paintSelection(table);
    byId(`${table}-bulk`).querySelector("[data-nitro-bulk-action]")?.focus();
  } else if (button.hasAttribute("data-nitro-select-none")) clearSelection(table, true);
  else if (button.hasAttribute("data-nitro-stop")) stopBulk(table);
  else if (button.hasAttribute("data-nitro-close-doing")) closeDoing(byId(`${table}-doing`));
});

function closeDoing(place) {
  place.replaceChildren();
  place.className = "nitro-doing";
}

function clearSelection(table, focus) {
  const selection = selectionOf(table);
  selection.all = false;
  selection.ids.clear();
  paintSelection(table);
  if (focus) byId(`${table}-view`)?.querySelector("input[data-nitro-select-page]")?.focus();
}

// The buttons of the bar are submit buttons for browsers without scripts.
document.addEventListener(
  "submit",
  (evt) => {
    const form = evt.target;
    const table = form.dataset.nitroBar;
    const button = evt.submitter;
    if (table && button?.dataset.nitroBulkAction && byId("nitro-dialog")) {
      evt.preventDefault();
      const { ids, all } = selectionOf(table);
      const url = askUrl("bulk", table, button.dataset.nitroBulkAction);
      url.searchParams.set("_count", ids.size);
      if (all) url.searchParams.set("_all", "1");
      return openDialog(url.href);
    }
    const marker = form.querySelector("input[data-nitro-bulk]");
    if (!marker || form.elements._all || form.elements._ids) return;
    for (const id of selectionOf(marker.value).ids) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "_ids";
      field.value = id;
      form.append(field);
    }
  },
  true,
);

function endBulk(table, stopped) {
  bulkRuns.delete(table);
  const place = byId(`${table}-doing`);
  if (!place?.dataset.running) return;
  const { running, seen, total } = place.dataset;
  for (const name of ["running", "seen", "total"]) delete place.dataset[name];
  const undo = place.querySelector(".nitro-undo");
  place.replaceChildren();
  const values = { action: running, seen, total };
  const after = stopped ? t("{action}: stopped after {seen}.", values) : t("{action}: ended after {seen}.", values);
  const of = stopped ? t("{action}: stopped after {seen} of {total}.", values) : t("{action}: ended after {seen} of {total}.", values);
  toast(total ? of : after, "error");
  if (!undo) return; // what was done until then may be taken back
  undo.hidden = false;
  byId("nitro-toasts")?.lastElementChild?.querySelector(".nitro-toast-text").append(undo);
}

function stopBulk(table) {
  bulkRuns.get(table)?.abort();
  endBulk(table, true);
}

document.addEventListener("datastar-fetch", ({ detail: { type, el } }) => {
  const table = el instanceof HTMLFormElement && el.querySelector("input[data-nitro-bulk]")?.value;
  if (table) {
    if (type === "started") bulkRuns.set(table, posts.get(el));
    else if (type === "finished" || type === "retrying" || type === "error") queueMicrotask(() => endBulk(table, false));
  }
  if (!type.startsWith("datastar-")) return;
  queueMicrotask(() => {
    for (const bar of document.querySelectorAll("form[data-nitro-bar]")) {
      const name = bar.dataset.nitroBar;
      const place = byId(`${name}-doing`);
      if (place?.hasAttribute("data-done")) {
        place.removeAttribute("data-done");
        clearSelection(name, document.activeElement === document.body || bar.contains(document.activeElement));
      }
      followSelection(name);
    }
  });
});

// What was ticked before the page was left and came back is the browser's memory, not ours.
for (const bar of document.querySelectorAll("form[data-nitro-bar]")) {
  const name = bar.dataset.nitroBar;
  for (const box of boxesOf(name)) if (box.checked) selectionOf(name).ids.add(box.value);
  followSelection(name);
}
