// Cells that are edited in their place

let cellAsked, cellNext;
const cellOpen = new Map(); // by place: the id of the link whose cell is edited, as patches replace both

const cellPlace = (node) => byId(`${tableOf(node)}-cell`);
const cellLinks = (table) => [...(byId(`${table}-view`)?.querySelectorAll("a[data-nitro-cell]") ?? [])];

function openCell(link) {
  const place = cellPlace(link);
  const table = tableOf(link);
  cellOpen.set(place.id, link.id);
  place.dispatchEvent(new CustomEvent("nitro-cell", { detail: { url: askUrl("cell", table, link.dataset.nitroCell).href } }));
}

// Over the cell, but outside of what live patches replace.
function placeCell(place) {
  const cell = byId(cellOpen.get(place.id))?.closest("td, th");
  if (!cell || !place.firstElementChild) return;
  const at = cell.getBoundingClientRect();
  const box = place.parentElement.getBoundingClientRect();
  const wide = Math.min(Math.max(at.width, 240), box.width);
  place.style.width = `${wide}px`;
  place.style.left = `${Math.max(0, Math.min(at.left - box.left, box.width - wide))}px`;
  place.style.top = `${at.top - box.top}px`;
}

function closeCell(place, focus = true) {
  cellAsked?.abort();
  const link = byId(cellOpen.get(place.id));
  place.replaceChildren();
  if (focus) (link ?? byId("nitro-main"))?.focus();
}

function cellBeside(place, step) {
  const links = cellLinks(tableOf(place));
  return links[links.findIndex((link) => link.id === cellOpen.get(place.id)) + step];
}

const cellForm = (place) => place.querySelector("form");
const cellChanged = (form) => form.hasAttribute("data-nitro-unsaved") || [...form.elements].some(isDirty);

function saveCell(place, step) {
  const form = cellForm(place);
  cellNext = step;
  if (cellChanged(form)) return form.requestSubmit();
  savedCell(place);
}

function savedCell(place) {
  const next = cellNext && cellBeside(place, cellNext);
  cellNext = 0;
  place.removeAttribute("data-nitro-saved");
  closeCell(place, !next);
  if (next) {
    next.focus();
    openCell(next);
  }
}

document.addEventListener("click", (evt) => {
  const link = evt.target.closest?.("a");
  if (!link || !plain(evt)) return;
  if (!link.hasAttribute("data-nitro-cell") || !cellPlace(link)) return;
  evt.preventDefault();
  openCell(link);
}, true);

document.addEventListener("click", (evt) => {
  const button = evt.target.closest?.("button[data-nitro-cell-close]");
  if (button) closeCell(button.closest(".nitro-cell"));
});

document.addEventListener("pointerdown", (evt) => {
  for (const place of document.querySelectorAll(".nitro-cell:not(:empty)")) {
    if (place.contains(evt.target) || !cellForm(place)) continue;
    if (cellChanged(cellForm(place))) saveCell(place, 0);
    else closeCell(place, false);
  }
});

document.addEventListener("keydown", (evt) => {
  const place = evt.target.closest?.(".nitro-cell");
  const { key } = evt;
  if (place && !evt.isComposing) {
    if (evt.defaultPrevented) return; // an open list of choices, which hears of it first, took it
    const form = cellForm(place);
    const long = evt.target.tagName === "TEXTAREA";
    if (key === "Escape") closeCell(place);
    else if (key === "Enter" && evt.target.matches(long ? "textarea" : "input, select") && (!long || evt.ctrlKey || evt.metaKey)) saveCell(place, 0);
    else if (key === "Tab" && !form.querySelector("[aria-invalid=true]")) saveCell(place, evt.shiftKey ? -1 : 1);
    else return;
    evt.preventDefault();
    return evt.stopPropagation();
  }
  const link = evt.target.closest?.("a[data-nitro-cell]");
  if (!link || evt.ctrlKey || evt.metaKey || evt.altKey) return;
  const links = cellLinks(tableOf(link));
  const field = (other) => other.dataset.nitroCell.split(":")[0];
  const column = links.filter((other) => field(other) === field(link));
  const row = links.filter((other) => other.closest("tr") === link.closest("tr"));
  const ahead = link.matches(":dir(rtl)") ? -1 : 1;
  const beside = (list, step) => list[list.indexOf(link) + step];
  const aim = { ArrowDown: () => beside(column, 1), ArrowUp: () => beside(column, -1), ArrowRight: () => beside(row, ahead), ArrowLeft: () => beside(row, -ahead) }[key]?.();
  if (aim) aim.focus();
  else if (key === "F2") openCell(link);
  else return;
  evt.preventDefault();
}, true);

document.addEventListener("datastar-fetch", ({ detail: { type, el } }) => {
  if (!type.startsWith("datastar-")) return;
  queueMicrotask(() => {
    for (const place of document.querySelectorAll(".nitro-cell")) {
      if (place.hasAttribute("data-nitro-saved")) {
        if (!byId("nitro-live")) return location.reload();
        savedCell(place);
      } else if (el === place) {
        placeCell(place);
        const field = place.querySelector("[aria-invalid=true], input:not([type=hidden]), select, textarea");
        field?.focus();
        field?.select?.();
      } else placeCell(place);
    }
  });
});
addEventListener("resize", () => document.querySelectorAll(".nitro-cell").forEach(placeCell));
document.addEventListener("scroll", () => document.querySelectorAll(".nitro-cell").forEach(placeCell), true);

const plainForm = nitro.form;
Object.assign(nitro, {
  cell() {
    cellAsked?.abort();
    cellAsked = new AbortController();
    return once(cellAsked);
  },
  form(form) {
    const options = plainForm(form);
    const place = form.closest(".nitro-cell");
    if (place) options.headers = { ...options.headers, "Nitro-Cell": place.id };
    return options;
  },
});
