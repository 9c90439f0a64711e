// What a Nitro page does in the browser besides Datastar: it keeps one live stream,
// moves the view state in and out of the URL, and runs the dialog and the toasts.
// No value ever becomes code: data is read from attributes and shown as text.

const byId = (id) => document.getElementById(id);
// The text in the reader's language, with the values in the places it names.
const t = (text, values = {}) =>
  (window.nitroTexts?.[text] ?? text).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
const number = (value) => value.toLocaleString(document.documentElement.lang || "en");
const none = { include: /(?!)/ };
const plain = (evt) =>
  evt.button === 0 && !evt.defaultPrevented && !evt.metaKey && !evt.ctrlKey && !evt.shiftKey && !evt.altKey;
const sameOrigin = (url) => url.origin === location.origin && /^https?:$/.test(url.protocol);
const once = (controller) => ({ filterSignals: none, requestCancellation: controller, openWhenHidden: true, retryMaxCount: Infinity });
const ticks = (field) => field.type === "checkbox" || field.type === "radio";
// The values that a field would send.
const sentBy = (field) =>
  field.options ? [...field.selectedOptions].map((option) => option.value) : ticks(field) && !field.checked ? [] : [field.value];
const afterPatches = (then) =>
  document.addEventListener("datastar-fetch", ({ detail: { type } }) => type.startsWith("datastar-") && queueMicrotask(then));

// Whether the element called *id* is among what describes *field*.
function describe(field, id, on) {
  const ids = new Set((field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  ids[on ? "add" : "delete"](id);
  if (ids.size) field.setAttribute("aria-describedby", [...ids].join(" "));
  else field.removeAttribute("aria-describedby");
}

// What the expressions of the page may use.
const nitro = (window.nitro = {});

// What a page offers once is not offered again by a reload, a bookmark or a link. And a view that
// opens by itself stands in the address from then on, as any other does.
const address = new URL(location.href);
address.searchParams.delete("_undo");
for (const { dataset } of document.querySelectorAll("[data-nitro-at]"))
  for (const [name, value] of new URLSearchParams(dataset.nitroAt)) address.searchParams.append(name, value);
if (address.href.length !== location.href.length) history.replaceState(history.state, "", address);
