// The dialog

let asked, opener;

function openDialog(url) {
  const dialog = byId("nitro-dialog");
  if (!dialog.open) opener = { element: document.activeElement, href: url };
  dialog.dataset.url = url;
  load("forms.js"); // what comes is a form, most of the time
  dialog.dispatchEvent(new CustomEvent("nitro-open", { detail: { url } }));
}

function openNow(dialog) {
  // Outside of a modal dialog nothing is read out or can be clicked.
  dialog.append(byId("nitro-toasts"));
  dialog.showModal();
}

function closeDialog() {
  const dialog = byId("nitro-dialog");
  if (dialog.open) dialog.close();
  byId("nitro-dialog-content")?.removeAttribute("data-nitro-close");
}

document.addEventListener(
  "close",
  (evt) => {
    if (evt.target.id !== "nitro-dialog") return;
    asked?.abort();
    unfollow("nitro-dialog-live");
    document.body.append(byId("nitro-toasts"));
    byId("nitro-dialog-content")?.replaceChildren();
    // The row that the dialog came from may be another element by now, or gone.
    setTimeout(() => {
      if (document.activeElement !== document.body && document.activeElement) return;
      const again = opener?.element?.isConnected
        ? opener.element
        : [...document.querySelectorAll("a[data-nitro-dialog]")].find((link) => link.href === opener?.href);
      again?.focus();
      if (document.activeElement === document.body) byId("nitro-main")?.focus(); // it cannot be seen now
    });
  },
  true,
);

Object.assign(nitro, {
  dialog() {
    asked?.abort();
    asked = new AbortController();
    unfollow("nitro-dialog-live");
    byId("nitro-dialog-live")?.remove(); // what comes has one of its own
    return { ...once(asked), filterSignals: { include: /^kept_sealed(\.|$)/ }, headers: { ...inItsLanguage(), "Nitro-Dialog": "true" } };
  },
});
