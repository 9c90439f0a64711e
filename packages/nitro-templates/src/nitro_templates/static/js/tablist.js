// Tabs: in forms and on pages

const tabsBeside = (tab) => [...tab.parentElement.querySelectorAll(":scope > [role=tab]")];
const tabAt = (evt) => evt.target.closest?.(".nitro-tablist > [role=tab]");

function openTab(tab, focus = false) {
  for (const other of tabsBeside(tab)) {
    other.setAttribute("aria-selected", other === tab);
    if (other === tab) other.removeAttribute("tabindex");
    else other.setAttribute("tabindex", "-1");
    byId(other.getAttribute("aria-controls"))?.toggleAttribute("data-nitro-off", other !== tab);
  }
  if (focus) tab.focus();
}

document.addEventListener("click", (evt) => tabAt(evt) && openTab(tabAt(evt)));
document.addEventListener("keydown", (evt) => {
  const tab = tabAt(evt);
  if (!tab || evt.altKey || evt.ctrlKey || evt.metaKey) return;
  const all = tabsBeside(tab), at = all.indexOf(tab);
  const forward = getComputedStyle(tab).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  const next = { [forward]: at + 1, [back]: at - 1 + all.length, Home: 0, End: all.length - 1 }[evt.key];
  if (next === undefined) return;
  evt.preventDefault();
  openTab(all[next % all.length], true);
});

// The tab that was open may be gone since the last patch.
afterPatches(() => {
  for (const row of document.querySelectorAll(".nitro-tablist:not(:has(> [aria-selected=true]))")) {
    if (row.firstElementChild) openTab(row.firstElementChild);
  }
});
