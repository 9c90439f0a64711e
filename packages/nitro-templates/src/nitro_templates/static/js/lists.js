// Lists in forms: items are added, removed and moved here as the server does it without scripts

const NAMES = ["name", "data-nitro-list"];
const IDS = ["id", "for", "aria-describedby", "aria-labelledby", "aria-controls", "list"];
const listItems = (list) => [...list.querySelector(":scope > .nitro-items").children];
const pathOf = (item) => item.querySelector(":scope > .nitro-item-buttons > [name=_remove]").value;
const lastPart = (path) => path.slice(path.lastIndexOf(".") + 1);

// What begins with the old name of an item gets the new one, also in what new items are made of.
function renameIn(root, path, id) {
  const swap = (el, name, [old, now], end) => {
    const begins = (text) => text === old || text.startsWith(old + end);
    const text = el.getAttribute(name);
    if (text) el.setAttribute(name, text.split(" ").map((part) => (begins(part) ? now + part.slice(old.length) : part)).join(" "));
  };
  for (const el of root.querySelectorAll("*")) {
    NAMES.forEach((name) => swap(el, name, path, "."));
    IDS.forEach((name) => swap(el, name, id, "-"));
    if (el.localName === "button") swap(el, "value", path, ".");
    if (el.localName === "template") renameIn(el.content, path, id);
  }
}

function countItems(list) {
  const items = listItems(list), { nitroList: path, nitroMost: most } = list.dataset;
  items.forEach((item, at) => {
    const old = pathOf(item), now = `${path}.${at}`;
    if (old !== now) renameIn(item, [old, now], [`${list.id}--${lastPart(old)}`, `${list.id}--${at}`]);
    for (const number of item.querySelectorAll("[data-nitro-number]")) if (number.closest("[data-nitro-item]") === item) number.textContent = at + 1;
    const [up, down] = item.querySelectorAll(":scope > .nitro-item-buttons > button");
    up.disabled = at === 0;
    down.disabled = at === items.length - 1;
  });
  list.querySelector(":scope > [name=_add]").disabled = most !== undefined && items.length >= most;
}

function changeList(list, button) {
  const one = "nitroOne" in list.dataset, add = list.querySelector(":scope > [name=_add]");
  const items = listItems(list), item = button.closest("[data-nitro-item]"), at = items.indexOf(item);
  const [before, after] = t("Add {field}").split("{field}");
  const field = add.textContent.slice(before.length, add.textContent.length - after.length);
  let focus = button, said = one ? t("{field} removed", { field }) : t("{field} {number} removed", { field, number: at + 1 });
  if (button === add) {
    const fresh = list.querySelector(":scope > template").content.firstElementChild.cloneNode(true);
    list.querySelector(":scope > .nitro-items").append(fresh);
    focus = fresh.querySelector("input:not([type=hidden]), select, textarea");
    said = one ? t("{field} added", { field }) : t("{field} {number} added", { field, number: items.length + 1 });
  } else if (button.name === "_remove") {
    focus = (items[at + 1] ?? items[at - 1])?.querySelector(":scope > .nitro-item-buttons > [name=_remove]") ?? add;
    item.remove();
  } else {
    button.name === "_up" ? items[at - 1].before(item) : items[at + 1].after(item);
    said = t("{field} {number} is number {place} now", { field, number: at + 1, place: listItems(list).indexOf(item) + 1 });
  }
  if (one) add.hidden = button === add;
  else countItems(list);
  if (focus.disabled) focus = item.querySelector(`:scope > .nitro-item-buttons > button:not(:disabled)`);
  focus?.focus();
  list.querySelector(":scope > [data-nitro-said]").textContent = said;
  list.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (evt) => {
  const button = evt.target.closest?.("button[name=_add], button[name=_remove], button[name=_up], button[name=_down]");
  const list = button?.closest("[data-nitro-list]");
  if (!list || evt.defaultPrevented) return;
  evt.preventDefault();
  changeList(list, button);
});

// Inputs that get help from the browser: a list of time zones, a colour to pick

document.addEventListener("focusin", ({ target }) => {
  if (target.getAttribute("list") !== "nitro-timezones" || byId("nitro-timezones")) return;
  const list = document.createElement("datalist");
  list.id = "nitro-timezones";
  list.append(...["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => new Option(zone)));
  document.body.append(list);
});

document.addEventListener("input", ({ target }) => {
  const [text, picker] = target.closest?.(".nitro-with-picker")?.children ?? [];
  if (target === picker) {
    text.value = picker.value;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (text && /^#[0-9a-f]{6}$/i.test(text.value)) picker.value = text.value.toLowerCase();
});
