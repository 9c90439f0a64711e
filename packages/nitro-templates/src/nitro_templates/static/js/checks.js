// Forms are looked at by the server while they are filled in: when a changed field is left, and
// while typing once something is wrong. Nothing is stored by that.

const checks = new WeakMap();
const checkOf = (form) => checks.get(form) ?? checks.set(form, { changed: new Set(), asked: new Set() }).get(form);
let pressingButton = false;

// The row of a form that *el* stands in; a row inside a list belongs to the list.
function rowAround(form, el) {
  let row;
  for (let at = el; at && at !== form; at = at.parentElement) if (at.id.startsWith(`${form.id}-`) && at.id.endsWith("-row")) row = at;
  return row;
}

const wrongRows = (form) => [...new Set([...form.querySelectorAll('[aria-invalid="true"]')].map((field) => rowAround(form, field)))].filter(Boolean);

function askCheck(form, name, delay) {
  const check = checkOf(form);
  check.asked.add(name);
  clearTimeout(check.timer);
  check.timer = setTimeout(() => checkNow(form), delay);
}

// One question at a time; what is asked meanwhile waits for the answer.
async function checkNow(form) {
  const check = checkOf(form);
  if (check.running || !check.asked.size || isBusy(form) || !form.isConnected) return;
  // what is in a file is looked at when it is sent
  const names = new Set([...check.asked, ...wrongRows(form).map((row) => fieldOf(form, row))].filter((name) => !fileIn(rowNamed(form, name))));
  check.asked = new Set();
  const before = new Map([...names].filter((name) => rowNamed(form, name)).map((name) => [name, stateOf(rowNamed(form, name))]));
  const running = (check.running = new AbortController());
  try {
    const answer = await fetch(nitro.action(form), {
      method: "POST",
      headers: { Accept: "application/json", "Nitro-Check": [...names].map(encodeURIComponent).join(",") },
      body: new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")),
      signal: running.signal,
    });
    const { errors } = answer.ok ? await answer.json() : {};
    if (errors && !running.signal.aborted && !isBusy(form)) tellErrors(form, errors, before);
  } catch {} // whoever sends the form will hear what is wrong
  if (check.running === running) check.running = undefined;
  if (check.asked.size) askCheck(form, [...check.asked][0], 0);
}

function tellErrors(form, errors, before) {
  for (const [name, state] of before) {
    const row = rowNamed(form, name);
    // an answer to what stands there no more says nothing
    if (!row || stateOf(row) !== state || row.querySelector(".nitro-conflict")) continue;
    const found = Object.entries(errors).filter(([path]) => path === name || path.startsWith(`${name}.`));
    tellRowErrors(form, row, name, found);
  }
  markTabs(form);
}

function tellRowErrors(form, row, name, errors) {
  const main = byId(`${form.id}-${name}`) ?? controls(row)[0];
  if (!main) return;
  const wrong = new Map();
  for (const [path, text] of errors) wrong.set((path !== name && controls(row).find((field) => field.name === path)) || main, text);
  for (const field of [main, ...row.querySelectorAll('[aria-invalid="true"]')]) if (!wrong.has(field)) sayError(row, field, "");
  for (const [field, text] of wrong) sayError(row, field, text);
  if (!errors.length) form.querySelector(`.nitro-summary a[href="#${CSS.escape(main.id)}"]`)?.closest("li").remove();
  const summary = form.querySelector(".nitro-summary:has(> ul:empty)");
  summary?.remove();
}

function sayError(row, field, text) {
  const id = `${field.id}-error`;
  let note = byId(id);
  if (text) {
    if (!note) {
      note = piece("p", "nitro-error");
      note.id = id;
      note.setAttribute("role", "alert");
      (field.closest(".nitro-field") ?? row).append(note);
    }
    if (note.textContent !== text) note.textContent = text;
    field.setAttribute("aria-invalid", "true");
  } else {
    note?.remove();
    field.removeAttribute("aria-invalid");
  }
  describe(field, id, text);
}

const checkedForm = (el) => el.closest?.("form.nitro-form[data-nitro-page]");

document.addEventListener("input", ({ target, isComposing }) => {
  const form = checkedForm(target), row = form && rowAround(form, target);
  if (!row || isComposing) return;
  checkOf(form).changed.add(fieldOf(form, row));
  if (form.querySelector('[aria-invalid="true"]')) askCheck(form, fieldOf(form, row), 400);
});
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const form = checkedForm(target), row = form && rowAround(form, target);
  // what appears between pressingButton a button and letting it go would move it away
  if (!row || row.contains(relatedTarget) || pressingButton || !checkOf(form).changed.delete(fieldOf(form, row))) return;
  askCheck(form, fieldOf(form, row), 0);
});
document.addEventListener("pointerdown", (evt) => (pressingButton = !!evt.target.closest?.("button, a, label")), true);
document.addEventListener("pointerup", () => setTimeout(() => (pressingButton = false)), true);
document.addEventListener("submit", ({ target }) => {
  const check = checks.get(target);
  if (!check) return;
  clearTimeout(check.timer);
  check.running?.abort();
  checks.delete(target);
}, true);

// Files: a chosen one stays chosen where the form is patched, so it need not be chosen again.

const fileIn = (row) => row?.querySelector('input[type="file"]');

function tellFile(form, field) {
  const row = rowAround(form, field), file = field.files[0];
  if (!row || !file) return;
  row.querySelectorAll("[data-nitro-again]").forEach((note) => (describe(field, note.id, false), note.remove()));
  const { nitroMost: most, nitroLimit: limit } = field.dataset;
  if (file.size > most) sayError(row, field, t("This file is too large. Choose one of {limit} at most", { limit }));
}

document.addEventListener("change", ({ target }) => {
  const form = target.type === "file" && checkedForm(target), row = form && rowAround(form, target);
  if (!row) return;
  sayError(row, target, "");
  tellFile(form, target);
});
afterPatches(() => {
  for (const field of document.querySelectorAll('form.nitro-form input[type="file"]')) if (checkedForm(field)) tellFile(checkedForm(field), field);
});
