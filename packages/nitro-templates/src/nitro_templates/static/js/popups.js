// Dialogs, drawers and the sidebar, where browsers do not do it all by themselves yet; tooltips
// and boxes that are put away.

const toastBox = byId("nitro-toasts");
let overPage; // the dialog that was opened last

// Outside of a modal dialog nothing is read out or can be clicked, messages neither.
function placeToasts() {
  if (!overPage?.isConnected || !overPage.open) overPage = [...document.querySelectorAll("dialog:modal")].at(-1);
  const place = overPage ?? document.body;
  if (toastBox && toastBox.parentElement !== place) place.append(toastBox);
}

document.addEventListener("toggle", ({ target }) => {
  if (target.localName !== "dialog") return;
  if (target.matches(":modal")) overPage = target;
  placeToasts();
}, true);
// A patch of an open dialog has not heard of the messages in it.
afterPatches(placeToasts);

function run(command, dialog) {
  if (command === "close") dialog.close();
  else if (command === "show-modal" && !dialog.open) dialog.showModal();
}

const beside = (dialog, { clientX: x, clientY: y }) => {
  const box = dialog.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
};

document.addEventListener("click", (evt) => {
  const { target } = evt, button = target.closest?.("button[commandfor]");
  if (button && !evt.defaultPrevented && !("commandForElement" in button)) run(button.getAttribute("command"), byId(button.getAttribute("commandfor")));
  if (target.matches?.("dialog[closedby=any]") && !("closedBy" in target) && beside(target, evt)) target.close();
  const away = target.closest?.("[data-nitro-dismiss]")?.closest(".nitro-alert");
  if (away) {
    away.hidden = true;
    byId("nitro-main")?.focus({ preventScroll: true });
  }
  // a link within the page has nowhere to go from beneath the drawer
  if (target.closest?.("#nitro-sidebar:popover-open a[href]")) byId("nitro-sidebar").hidePopover();
});

// With room for it beside the page the sidebar is no drawer any more.
matchMedia("(min-width: 64rem)").addEventListener("change", () => byId("nitro-sidebar")?.matches(":popover-open") && byId("nitro-sidebar").hidePopover());

// Tooltips: Escape puts them away until the pointer and the focus have left.

document.addEventListener("keydown", (evt) => {
  if (evt.key !== "Escape") return;
  for (const tip of document.querySelectorAll(".nitro-tip:not([data-nitro-off]):is(:hover, :focus-within)")) {
    tip.dataset.nitroOff = "";
    evt.preventDefault(); // what is beneath stays open
    evt.stopPropagation();
  }
}, true);

const backAgain = ({ target, relatedTarget }) => {
  const tip = target.closest?.(".nitro-tip[data-nitro-off]");
  if (tip && !tip.contains(relatedTarget)) tip.removeAttribute("data-nitro-off");
};
document.addEventListener("pointerout", backAgain);
document.addEventListener("focusout", backAgain);
