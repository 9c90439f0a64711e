// Menus: browsers open and close them, the keys are ours

const menuItems = (menu) => [...menu.querySelectorAll("[role^=menuitem]")];
const menuAround = (el) => el.closest?.("[role=menu][popover]");
let fromEnd = false, typedAt = 0, typedText = "";

document.addEventListener("toggle", ({ target, newState }) => {
  if (!target.matches?.("[role=menu][popover]") || newState !== "open") return;
  menuItems(target).at(fromEnd ? -1 : 0)?.focus();
  fromEnd = false;
}, true);

document.addEventListener("keydown", (evt) => {
  if (evt.altKey || evt.ctrlKey || evt.metaKey || evt.isComposing) return;
  const menu = menuAround(evt.target), button = evt.target.closest?.(".nitro-menu-button");
  if (menu) return moveInMenu(evt, menu);
  if (!button || (evt.key !== "ArrowDown" && evt.key !== "ArrowUp")) return;
  evt.preventDefault();
  fromEnd = evt.key === "ArrowUp";
  button.popoverTargetElement?.showPopover({ source: button });
});

function moveInMenu(evt, menu) {
  const items = menuItems(menu), at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[evt.key];
  if (to !== undefined) items[to % items.length]?.focus();
  // it goes on from the button
  else if (evt.key === "Tab") return menu.hidePopover();
  else if (evt.key === " " && evt.target.localName === "a") evt.target.click();
  else if (evt.key.length === 1 && evt.key !== " ") byLetter(items, at, evt.key.toLocaleLowerCase());
  else return;
  evt.preventDefault();
}

function byLetter(items, at, key) {
  typedText = performance.now() - typedAt < 500 ? typedText + key : key;
  typedAt = performance.now();
  const from = typedText.length > 1 ? at : at + 1;
  const round = [...items.slice(from), ...items.slice(0, from)];
  round.find((item) => item.textContent.trim().toLocaleLowerCase().startsWith(typedText))?.focus();
}

// Before what the item does: a dialog that it opens gives the focus back to the button then.
document.addEventListener("click", (evt) => {
  const item = evt.target.closest?.("[role^=menuitem]"), menu = item && menuAround(item);
  if (!menu) return;
  if (item.ariaDisabled === "true") {
    evt.preventDefault();
    return evt.stopImmediatePropagation();
  }
  menu.hidePopover();
  if (document.activeElement === document.body) byId(menu.getAttribute("aria-labelledby"))?.focus();
}, true);
