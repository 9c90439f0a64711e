// What only some pages need is loaded when an element that needs it is there or appears: on the
// page, in the dialog, in a patch, in what a script made. ``onDemand`` says which file what needs.

const parts = new Map(); // by file: the promise of it
const ready = new Set();
const failed = new Set();

function load(file) {
  if (!parts.has(file)) {
    const coming = file.endsWith(".css") ? style(file) : import(`./${file}`);
    parts.set(file, coming.then(() => (ready.add(file), failed.delete(file)), () => notLoaded(file)));
  }
  return parts.get(file);
}

function style(file) {
  const { href } = new URL(file, import.meta.url);
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return Promise.resolve();
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href, nonce: document.querySelector("script[nonce]")?.nonce ?? "" });
  return new Promise((done, failed) => {
    link.onload = done;
    link.onerror = () => (link.remove(), failed());
    // before what the application has written, so that it goes on deciding
    (document.querySelector('link[rel="stylesheet"][href$="/nitro.css"]') ?? document.head.firstElementChild).after(link);
  });
}

// The network is gone, or there is a newer version of the application, without this file.
async function notLoaded(file) {
  failed.add(file);
  setTimeout(() => parts.delete(file), 5000);
  const { status } = await fetch(new URL(file, import.meta.url)).catch(() => ({}));
  if (status === 404) toast(t("There is a newer version of this page. Reload it to go on."), "warning", true);
  else toast(t("A part of this page could not be loaded."), "error", true);
}

function lookForParts() {
  for (const [file, needing] of Object.entries(onDemand)) if (!parts.has(file) && document.querySelector(needing)) load(file);
}

// What somebody presses before its script is there is pressed again when it is. Where the script
// does not come a form is sent as browsers send forms.
function hold(evt, el) {
  const lacking = (file, needing) => file.endsWith(".js") && !ready.has(file) && el.closest(needing);
  const [file] = Object.entries(onDemand).find((part) => lacking(...part)) ?? [];
  if (!file || (evt.type === "click" && failed.has(file))) return;
  evt.preventDefault();
  evt.stopImmediatePropagation();
  const { submitter } = evt;
  load(file).then(() => {
    if (!el.isConnected) return;
    if (evt.type === "click") el.click();
    else if (ready.has(file)) el.requestSubmit(submitter);
    else sendPlainly(el, submitter);
  });
}

// Without asking any script; what is pressed is a part of what browsers send.
function sendPlainly(form, by) {
  const pressed = document.createElement("input");
  Object.assign(pressed, { type: "hidden", name: by?.name ?? "", value: by?.value ?? "" });
  form.append(pressed);
  const own = form.getAttribute("action");
  if (by?.hasAttribute("formaction")) form.setAttribute("action", by.getAttribute("formaction"));
  HTMLFormElement.prototype.submit.call(form);
  // for who comes back to this page, or stays there, as where a file is the answer
  pressed.remove();
  own === null ? form.removeAttribute("action") : form.setAttribute("action", own);
}

addEventListener("submit", (evt) => hold(evt, evt.target), true);
addEventListener("click", (evt) => {
  const el = plain(evt) && evt.target.closest?.("button, a[href], input");
  if (el) hold(evt, el);
}, true);

// Said by what Datastar sets up, which may be before its script is there.
nitro.focusError = (el) => load("forms.js").then(() => ready.has("forms.js") && nitro.focusError(el));

new MutationObserver(lookForParts).observe(document, { childList: true, subtree: true });
addEventListener("pageshow", lookForParts);
lookForParts();
