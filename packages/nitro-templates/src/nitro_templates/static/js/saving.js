// What takes longer than a moment is marked as being saved, until the answer is there or it failed.

const SLOW = 300;
const onTheirWay = new Map(); // by what sends: how many requests, and when they are marked

// A form, a button that calls something, or the link of a row whose action runs.
function sentFrom(el) {
  if (el.matches?.("form.nitro-form, [data-nitro-url]")) return el;
  return el.dataset?.nitroRunning ? byId(el.dataset.nitroRunning) : null;
}

function markSaving(el) {
  const from = sentFrom(el);
  if (!from?.isConnected) return;
  from.setAttribute("data-nitro-saving", "");
  from.setAttribute("aria-busy", "true");
  const place = from.querySelector(":scope > .nitro-buttons");
  if (!place || place.querySelector(".nitro-saving")) return;
  const note = piece("span", "nitro-saving");
  note.setAttribute("role", "status");
  place.append(note);
  note.textContent = t("Saving…"); // said when it changes, not when it appears
}

function endSaving(el) {
  const from = sentFrom(el);
  if (!from?.hasAttribute("data-nitro-saving")) return;
  from.removeAttribute("data-nitro-saving");
  if (!from.matches("form")) from.removeAttribute("aria-busy");
  from.querySelectorAll(".nitro-saving").forEach((note) => note.remove());
}

document.addEventListener("datastar-fetch", ({ detail: { type, el } }) => {
  if (type === "started" && sentFrom(el)) {
    const known = onTheirWay.get(el) ?? { count: 0 };
    known.count += 1; // a second click is a second call, and both are done
    known.timer ??= setTimeout(() => markSaving(el), SLOW);
    onTheirWay.set(el, known);
  } else if (type === "finished" && onTheirWay.has(el)) {
    const known = onTheirWay.get(el);
    known.count -= 1;
    if (known.count > 0) return;
    clearTimeout(known.timer);
    onTheirWay.delete(el);
    endSaving(el);
  }
});
