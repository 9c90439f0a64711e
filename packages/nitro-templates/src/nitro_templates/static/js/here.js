// Tells others in which field of a form somebody is, while there are others

let hereTimer, hereTold;

function tellWhere() {
  const at = document.activeElement;
  const around = at?.closest("#nitro-dialog-content") ?? byId("nitro-main");
  const here = around?.querySelector("[data-nitro-here]");
  if (!here || !("others" in here.dataset)) return;
  const field = at.closest("[data-nitro-field]")?.dataset.nitroField ?? "";
  const told = `${here.dataset.nitroHere} ${field}`;
  if (told === hereTold || (!field && !hereTold)) return;
  hereTold = told;
  const body = JSON.stringify({ here: here.dataset.nitroHere, field });
  fetch(here.dataset.url, { method: "POST", body, headers: { "Content-Type": "application/json", ...proof() } }).catch(() => (hereTold = ""));
}

function soonTellWhere() {
  clearTimeout(hereTimer);
  hereTimer = setTimeout(tellWhere, 400);
}

document.addEventListener("focusin", soonTellWhere);
document.addEventListener("focusout", soonTellWhere);
afterPatches(soonTellWhere); // others may have come
