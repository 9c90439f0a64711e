// Forms: fields that apply at times, tabs, and what is not saved yet

const edited = new WeakSet();
// A field may be called like a property of its form, so the form's own are not to be trusted.
const partsOf = Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, "elements").get;
const formAround = (el) => el.closest?.("form.nitro-form");
const isOff = (el) => el.closest("[data-nitro-show-if][data-nitro-off]") !== null;
const rowNamed = (form, name) => byId(`${form.id}-${name}-row`);
const fieldOf = (form, row) => row.id.slice(form.id.length + 1, -"-row".length);

nitro.focusError = (el) => {
  const wrong = [...el.closest("form").querySelectorAll('[aria-invalid="true"]')].find((field) => !isOff(field));
  if (!wrong) return;
  for (let panel = wrong.closest(".nitro-tabpanel"); panel; panel = panel.parentElement.closest(".nitro-tabpanel")) byId(panel.getAttribute("aria-labelledby")).click();
  (wrong.matches("fieldset, div") ? wrong.querySelector("input, select, textarea, button") : wrong)?.focus();
};

// Fields that apply at times. The server decides by the same rules, whatever is shown here.

function textsIn(form) {
  const texts = new Map();
  for (const field of partsOf.call(form)) {
    if (!field.name) continue;
    texts.set(field.name, [...(texts.get(field.name) ?? []), ...sentBy(field)]);
  }
  return (name) => (texts.get(name)?.length ? texts.get(name) : [""]);
}

function applyRules(form) {
  const rows = [...form.querySelectorAll("[data-nitro-show-if]")];
  if (!rows.length) return;
  const texts = textsIn(form), off = new Set();
  let before;
  do {
    before = off.size;
    for (const row of rows) {
      const rule = Object.entries(JSON.parse(row.dataset.nitroShowIf));
      const fits = rule.every(([name, wanted]) => !off.has(name) && texts(name).some((text) => wanted.includes(text)));
      if (!fits) off.add(fieldOf(form, row));
    }
  } while (off.size > before);
  for (const row of rows) row.toggleAttribute("data-nitro-off", off.has(fieldOf(form, row)));
}

document.addEventListener("formdata", ({ target, formData }) => {
  for (const row of target.querySelectorAll("[data-nitro-show-if][data-nitro-off]"))
    for (const field of row.querySelectorAll("[name]")) formData.delete(field.name);
});

// Tabs say how much behind them is wrong

function markTabs(form) {
  for (const mark of form.querySelectorAll(".nitro-tablist > [role=tab] > .nitro-mark")) {
    const tab = mark.parentElement;
    const rows = [...byId(tab.getAttribute("aria-controls")).querySelectorAll('[id$="-row"]')];
    const wrong = rows.filter((row) => !isOff(row) && row.querySelector('[aria-invalid="true"]')).length;
    mark.textContent = wrong ? t("{number} to look at", { number: wrong }) : "";
  }
}

// After each patch, and at the start

function renewForms() {
  for (const form of document.querySelectorAll("form.nitro-form")) {
    applyRules(form);
    markTabs(form);
  }
}

let focusedId;

document.addEventListener("datastar-fetch", ({ detail: { type, el, argsRaw } }) => {
  const form = el instanceof HTMLFormElement && formAround(el);
  if (form && type === "started") focusedId = form.contains(document.activeElement) && document.activeElement.id;
  if (!type.startsWith("datastar-")) return;
  if (form && !comesBack(form, argsRaw.elements ?? "")) formDone(form);
  queueMicrotask(() => {
    renewForms();
    const now = form && byId(form.id);
    if (now && now !== form && document.activeElement === document.body) (byId(focusedId) ?? now.querySelector(".nitro-buttons button"))?.focus({ preventScroll: true });
  });
});
document.addEventListener("nitro-patched", renewForms);
renewForms();

const comesBack = (form, html) => html.includes("nitro-toast error") || html.includes(`id="${form.id}"`);

// What was sent is done: the next time it is something new.
function formDone(form) {
  edited.delete(form);
  delete form.dataset.nitroUnsaved;
  const once = form.querySelector(":scope > input[name=_once]");
  if (once) once.value = Date.now().toString(36) + Math.random().toString(36).slice(2);
}

// What is not saved yet

const unsaved = (root) => [...root.querySelectorAll("form.nitro-form")].some((form) => edited.has(form) || "nitroUnsaved" in form.dataset);
const mayClose = () => !unsaved(byId("nitro-dialog")) || confirm(t("Close without saving what you typed?"));

function noteEdit({ target }) {
  const form = formAround(target);
  if (!form) return;
  if (target.name) edited.add(form);
  applyRules(form);
}

document.addEventListener("input", noteEdit);
document.addEventListener("change", noteEdit);
document.addEventListener("submit", (evt) => !evt.defaultPrevented && formDone(evt.target)); // the browser sends it itself
addEventListener("beforeunload", (evt) => unsaved(document) && evt.preventDefault());
addEventListener("pageshow", (evt) => evt.persisted && renewForms());
document.addEventListener("click", (evt) => {
  if (!evt.target.closest?.("#nitro-dialog [data-nitro-close]") || mayClose()) return;
  evt.preventDefault();
  evt.stopImmediatePropagation();
}, true);
document.addEventListener("keydown", (evt) => {
  const dialog = byId("nitro-dialog");
  if (evt.key !== "Escape" || evt.defaultPrevented || !dialog?.open || !unsaved(dialog)) return;
  evt.preventDefault();
  if (mayClose()) dialog.close();
});
document.addEventListener("cancel", (evt) => evt.target.id === "nitro-dialog" && !mayClose() && evt.preventDefault(), true);
