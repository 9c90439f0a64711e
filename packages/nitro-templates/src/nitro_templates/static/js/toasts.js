// Toasts

const SIGNS = { success: "\u2713", info: "i", warning: "!", error: "!" };

function piece(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function button(className, label, text) {
  const made = piece("button", className, text);
  made.type = "button";
  if (label) made.ariaLabel = label;
  return made;
}

const textOf = (item) => item.querySelector(".nitro-toast-text")?.textContent;

// What Toast in toasts.py writes. *reload*: with a button, for it cannot do without.
function toast(text, kind = "success", reload = false) {
  const box = byId("nitro-toasts");
  if (!SIGNS[kind]) kind = "success";
  const spoken = { warning: t("Warning: "), error: t("Error: ") }[kind];
  if (!box || [...box.children].some((old) => textOf(old) === (spoken ?? "") + text)) return;
  const sign = piece("span", "nitro-sign", SIGNS[kind]);
  sign.ariaHidden = "true";
  const words = piece("div", "nitro-toast-text", ...(spoken ? [piece("span", "nitro-hidden", spoken)] : []), text);
  const item = piece("div", `nitro-toast ${kind}`, sign, words);
  if (spoken) item.role = "alert";
  item.dataset.seconds = spoken || reload ? 0 : 6;
  if (reload) {
    const again = button("nitro-button", "", t("Reload"));
    again.dataset.nitroReload = "";
    item.append(again);
  }
  item.append(button("nitro-toast-close", t("Close message"), "\u00d7"));
  box.append(item);
  timeToasts();
}

function closeToast(item) {
  const inside = item.contains(document.activeElement);
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  if (inside) (next?.querySelector(".nitro-toast-close") ?? byId("nitro-main"))?.focus({ preventScroll: true });
}

function timeToasts() {
  for (const item of document.querySelectorAll("#nitro-toasts > .nitro-toast:not([data-timed])")) {
    item.dataset.timed = "";
    const seconds = +(item.dataset.seconds ?? 6);
    if (!(seconds > 0)) continue;
    let timer, pointer, focus;
    const wait = () => {
      clearTimeout(timer);
      if (!pointer && !focus) timer = setTimeout(() => closeToast(item), seconds * 1000);
    };
    item.addEventListener("pointerenter", () => wait((pointer = true)));
    item.addEventListener("pointerleave", () => wait((pointer = false)));
    item.addEventListener("focusin", () => wait((focus = true)));
    item.addEventListener("focusout", () => wait((focus = false)));
    wait();
  }
}

document.addEventListener("click", (evt) => {
  const item = evt.target.closest?.(".nitro-toast-close")?.closest(".nitro-toast");
  if (item) closeToast(item);
});
document.addEventListener("keydown", (evt) => {
  if (evt.key !== "Escape" || document.querySelector("dialog:modal") || evt.defaultPrevented) return;
  for (const item of document.querySelectorAll("#nitro-toasts > .nitro-toast")) closeToast(item);
});

nitro.toast = toast;

const fromBefore = sessionStorage.getItem("nitro-toast");
if (fromBefore) {
  sessionStorage.removeItem("nitro-toast");
  try {
    toast(...JSON.parse(fromBefore));
  } catch {} // somebody else wrote it
}
timeToasts();
