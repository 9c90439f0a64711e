// What the server's patches ask for

const isDirty = (field) =>
  ticks(field)
    ? field.checked !== field.defaultChecked
    : field.options
      ? [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0
      : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;

const dirty = () =>
  [...document.forms].some((form) => !("nitroView" in form.dataset) && [...form.elements].some(isDirty));

function reset(marker) {
  marker.replaceChildren();
  marker.removeAttribute("data-nitro-reset");
  marker.hidden = true;
  const last = +(sessionStorage.getItem("nitro-reset") || 0);
  if (dirty()) return toast(t("This page has missed changes. Reload it when you are done here."), "error", true);
  sessionStorage.setItem("nitro-reset", Date.now());
  // Never a storm of reloads, whatever the server thinks.
  setTimeout(() => location.reload(), Math.max(0, last + 3000 - Date.now()));
}

function settle() {
  if (byId("nitro-dialog-content")?.hasAttribute("data-nitro-close")) closeDialog();
  const marker = byId("nitro-live-reset");
  if (marker && (!marker.hidden || marker.hasChildNodes() || marker.hasAttribute("data-nitro-reset"))) reset(marker);
  timeToasts();
}

document.addEventListener("datastar-fetch", ({ detail: { type, el, argsRaw } }) => {
  const patch = type.startsWith("datastar-");
  if (el.id === "nitro-live") {
    if (patch) connected(), queueMicrotask(focusAgain()), tellCount(argsRaw.elements ?? "");
  } else if (el.id === "nitro-dialog") {
    if (type === "error") location.assign(el.dataset.url);
    else if (type === "retrying") unreachable(asked);
    else if (patch && asked && !asked.signal.aborted && !el.open) queueMicrotask(() => el.open || openNow(el));
  } else if (el instanceof HTMLFormElement) {
    if (type === "started") el.setAttribute("aria-busy", "true");
    else if (type === "finished") el.removeAttribute("aria-busy");
    else if (type === "error") toast(t("Not saved: the server answered {status}. What you typed is still here.", { status: +argsRaw.status }), "error");
    else if (type === "retrying") unreachable(posts.get(el));
  }
  if (patch) queueMicrotask(settle);
});

// Datastar sets its next try after it has told us, so the abort has to come after that.
function unreachable(controller) {
  queueMicrotask(() => controller?.abort());
  toast(t("The server cannot be reached. Nothing was lost, try again in a moment."), "error");
}
