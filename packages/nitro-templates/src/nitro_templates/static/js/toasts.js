// Toasts

function toast(text, kind = "success", reload = false) {
  const box = byId("nitro-toasts");
  if (!box || [...box.children].some((old) => old.firstChild?.data === text)) return;
  const item = document.createElement("div");
  item.className = `nitro-toast ${kind}`;
  item.append(text);
  if (reload) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "nitro-button";
    button.dataset.nitroReload = "";
    button.append("Reload");
    item.append(button);
    item.dataset.timed = "never";
  }
  box.append(item);
  timeToasts();
}

function timeToasts() {
  for (const item of document.querySelectorAll("#nitro-toasts > .nitro-toast:not([data-timed])")) {
    item.dataset.timed = "";
    let timer;
    const start = () => (timer = setTimeout(() => item.remove(), 6000));
    const pause = () => clearTimeout(timer);
    item.addEventListener("pointerenter", pause);
    item.addEventListener("focusin", pause);
    item.addEventListener("pointerleave", start);
    item.addEventListener("focusout", start);
    start();
  }
}

document.addEventListener("click", (evt) => evt.target.closest?.(".nitro-toast")?.remove());
document.addEventListener("keydown", (evt) => {
  if (evt.key === "Escape" && !byId("nitro-dialog")?.open) byId("nitro-toasts")?.replaceChildren();
});

nitro.toast = toast;

const told = sessionStorage.getItem("nitro-toast");
if (told) {
  sessionStorage.removeItem("nitro-toast");
  toast(told);
}
timeToasts();
