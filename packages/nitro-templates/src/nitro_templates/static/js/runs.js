// Actions of a row, and exports

let running;

document.addEventListener("click", (evt) => {
  const link = evt.target.closest?.("a");
  if (!link || !plain(evt)) return;
  if (link.hasAttribute("data-nitro-run") && byId(`${tableOf(link)}-run`)) {
    evt.preventDefault();
    link.closest("[popover]")?.hidePopover();
    if (link.getAttribute("aria-busy") === "true") return;
    link.setAttribute("aria-busy", "true");
    byId(`${tableOf(link)}-run`).dispatchEvent(new CustomEvent("nitro-run", { detail: { url: link.href, link } }));
  } else if (link.dataset.nitroExport) link.closest("[popover]")?.hidePopover();
}, true);

// A link may also be copied, or opened by another button of the mouse.
document.addEventListener("toggle", ({ target }) => {
  for (const link of target.querySelectorAll?.("a[data-nitro-export]") ?? []) link.href = askUrl("export", ...link.dataset.nitroExport.split(":")).href;
}, true);

document.addEventListener("datastar-fetch", ({ detail: { type, el, argsRaw } }) => {
  const run = el.dataset?.nitroRunning && byId(el.dataset.nitroRunning);
  if (!run || !/^(finished|error|retrying)$/.test(type)) return;
  run.removeAttribute("aria-busy");
  if (type === "error") toast(t("Not done: the server answered {status}.", { status: +argsRaw.status }), "error");
  if (type === "retrying") unreachable(running);
});

nitro.run = (el, link) => {
  el.dataset.nitroRunning = link.id;
  running = new AbortController();
  return { ...once(running), retryMaxCount: 0, headers: { ...proof(), "Nitro-Run": "true" }, payload: sealed() };
};
