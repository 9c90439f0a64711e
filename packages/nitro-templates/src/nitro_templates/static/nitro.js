// What a Nitro page does in the browser besides Datastar: it keeps one live stream,
// moves the view state in and out of the URL, and runs the dialog and the toasts.
// No value ever becomes code: data is read from attributes and shown as text.

const byId = (id) => document.getElementById(id);
const none = { include: /(?!)/ };
const plain = (evt) =>
  evt.button === 0 && !evt.defaultPrevented && !evt.metaKey && !evt.ctrlKey && !evt.shiftKey && !evt.altKey;
const sameOrigin = (url) => url.origin === location.origin && /^https?:$/.test(url.protocol);

// The stream

let stream;
let lostTimer, backTimer;
let shown = location.pathname + location.search;

function say(state, text) {
  const live = byId("nitro-live");
  if (live) live.dataset.state = state;
  const line = byId("nitro-connection");
  if (!line) return;
  line.hidden = !text;
  if (line.textContent !== text) line.textContent = text;
}

function connected() {
  clearTimeout(lostTimer);
  clearTimeout(backTimer);
  lostTimer = backTimer = undefined;
  say("live", "");
}

function lost() {
  const live = byId("nitro-live");
  if (live) live.dataset.state = "reconnecting";
  lostTimer ??= setTimeout(() => say("reconnecting", "Connection lost. Trying again…"), 1000);
  // A stream that has nothing to say is silent; no failure for so long means it stands.
  clearTimeout(backTimer);
  backTimer = setTimeout(connected, 5000);
}

function refused(status) {
  if (status === 408 || status === 429 || status >= 500) return lost();
  connected();
  queueMicrotask(() => stream?.abort());
  say("closed", "");
  toast("This page cannot be kept up to date any more.", "error", true);
}

function reopen() {
  const live = byId("nitro-live");
  live.dataset.fresh = "";
  live.dispatchEvent(new CustomEvent("nitro-live"));
}

addEventListener("online", () => byId("nitro-live")?.dataset.state === "reconnecting" && reopen());
// A page out of the back-forward cache has missed what happened meanwhile.
addEventListener("pageshow", (evt) => evt.persisted && byId("nitro-live") && reopen());

// The view: its state is the URL

let typing, refocus;

function show(url, how) {
  clearTimeout(typing);
  if (!sameOrigin(url)) return;
  if (url.pathname !== location.pathname || !byId("nitro-live")) return location.assign(url);
  history[how]({}, "", url);
  shown = url.pathname + url.search;
  reopen();
}

// Fields that the user sees replace what the URL says, hidden ones only serve browsers
// without scripts. Where the reader stood in the old result means nothing in the new one.
function viewUrl(form) {
  const url = new URL(form.getAttribute("action") || location.pathname, location.href);
  if (url.pathname === location.pathname) url.search = location.search;
  const data = new FormData(form);
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "submit") continue;
    url.searchParams.delete(field.name);
    for (const value of data.getAll(field.name)) if (value) url.searchParams.append(field.name, value);
  }
  for (const name of (form.dataset.nitroView || "after before").split(" ")) url.searchParams.delete(name);
  return url;
}

function fieldsFromUrl() {
  const params = new URLSearchParams(location.search);
  for (const form of document.querySelectorAll("form[data-nitro-view]")) {
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden") continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = params.getAll(field.name).includes(field.value);
      else if (field.type !== "submit") field.value = params.get(field.name) ?? "";
    }
  }
}

addEventListener("popstate", () => {
  if (location.pathname + location.search === shown) return;
  shown = location.pathname + location.search;
  clearTimeout(typing);
  fieldsFromUrl();
  if (byId("nitro-live")) reopen();
  else location.reload();
});

document.addEventListener("input", (evt) => {
  const form = evt.target.closest?.("form[data-nitro-view]");
  if (!form || evt.isComposing) return;
  clearTimeout(typing);
  typing = setTimeout(() => byId("nitro-live") && show(viewUrl(form), "replaceState"), 150);
});

document.addEventListener("submit", (evt) => {
  const form = evt.target.closest("form[data-nitro-view]");
  if (!form || evt.defaultPrevented || !byId("nitro-live")) return;
  evt.preventDefault();
  show(viewUrl(form), "pushState");
});

document.addEventListener("click", (evt) => {
  const link = evt.target.closest?.("a[href], button");
  if (!link || !plain(evt)) return;
  if (link.hasAttribute("data-nitro-close")) {
    if (!link.closest("dialog")) return;
    evt.preventDefault();
    return link.closest("dialog").close();
  }
  if (link.hasAttribute("data-nitro-reload")) return location.reload();
  if (!link.href || link.target) return;
  const url = new URL(link.href);
  if (!sameOrigin(url)) return;
  if (link.hasAttribute("data-nitro-view") && byId("nitro-live")) {
    evt.preventDefault();
    refocus = true;
    show(url, "pushState");
  } else if (link.hasAttribute("data-nitro-dialog") && byId("nitro-dialog")) {
    evt.preventDefault();
    openDialog(url.href);
  }
});

// The dialog

let asked, opener;

function openDialog(url) {
  const dialog = byId("nitro-dialog");
  if (!dialog.open) opener = { element: document.activeElement, href: url };
  dialog.dataset.url = url;
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
    document.body.append(byId("nitro-toasts"));
    byId("nitro-dialog-content")?.replaceChildren();
    // The row that the dialog came from may be another element by now, or gone.
    setTimeout(() => {
      if (document.activeElement !== document.body && document.activeElement) return;
      const again = opener?.element?.isConnected
        ? opener.element
        : [...document.querySelectorAll("a[data-nitro-dialog]")].find((link) => link.href === opener?.href);
      (again || byId("nitro-main"))?.focus();
    });
  },
  true,
);

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

// What the server's patches ask for

const isDirty = (field) =>
  field.type === "checkbox" || field.type === "radio"
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
  if (dirty()) return toast("This page has missed changes. Reload it when you are done here.", "error", true);
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
    if (patch) connected();
    if (patch && argsRaw.cursor) el.dataset.cursor = argsRaw.cursor;
    else if (type === "started" && el.dataset.state !== "reconnecting") el.dataset.state = "connecting";
    else if (type === "retrying") lost();
    else if (type === "error") refused(+argsRaw.status);
    if (patch && refocus) {
      refocus = false;
      queueMicrotask(() => document.activeElement === document.body && byId("nitro-main")?.focus({ preventScroll: true }));
    }
  } else if (el.id === "nitro-dialog") {
    if (type === "error") location.assign(el.dataset.url);
    else if (type === "retrying") unreachable(asked);
    else if (patch && asked && !asked.signal.aborted && !el.open) queueMicrotask(() => el.open || openNow(el));
  } else if (el instanceof HTMLFormElement) {
    if (type === "started") el.setAttribute("aria-busy", "true");
    else if (type === "finished") el.removeAttribute("aria-busy");
    else if (type === "error") toast(`Not saved: the server answered ${+argsRaw.status}. What you typed is still here.`, "error");
    else if (type === "retrying") unreachable(posts.get(el));
  }
  if (patch) queueMicrotask(settle);
});

// Datastar sets its next try after it has told us, so the abort has to come after that.
function unreachable(controller) {
  queueMicrotask(() => controller?.abort());
  toast("The server cannot be reached. Nothing was lost, try again in a moment.", "error");
}

// What the server lets this browser keep

const KEPT = "nitro-kept";
let written;

function stored() {
  let found;
  try {
    found = JSON.parse(localStorage.getItem(KEPT));
  } catch {} // no storage, or something else in it
  for (const ids of Object.values(found?.kept ?? {})) for (const id in ids) if (ids[id] === "") delete ids[id];
  return { kept_sealed: {}, kept: {}, ...found };
}

// Another tab has got something newer. What is gone there becomes empty here, as the server
// says it: nobody hears of a signal that is removed.
addEventListener("storage", (evt) => {
  if (evt.key !== KEPT || !byId("nitro-kept")) return;
  const gone = (before, now) => {
    for (const name in before) {
      if (!(name in now)) now[name] = "";
      else if (before[name] && now[name] && typeof before[name] === "object") gone(before[name], now[name]);
    }
    return now;
  };
  byId("nitro-kept").dispatchEvent(new CustomEvent("nitro-kept", { detail: gone(JSON.parse(written || "{}"), stored()) }));
});

const sealed = () => {
  const texts = JSON.parse(written || "{}").kept_sealed;
  return texts && Object.keys(texts).length ? { kept_sealed: texts } : {};
};

// Where a proxy takes away what browsers say of a click's origin, this proves it.
const proof = () => {
  const token = document.querySelector('meta[name="nitro-token"]')?.content;
  return token ? { "Nitro-Token": token } : {};
};

const posts = new WeakMap();
const once = (controller) => ({ filterSignals: none, requestCancellation: controller, openWhenHidden: true, retryMaxCount: Infinity });

window.nitro = {
  url: () => location.pathname + location.search,
  live() {
    stream?.abort();
    stream = new AbortController();
    const { cursor, fresh } = byId("nitro-live").dataset;
    return {
      // "!" asks for the state of every view, and for the patches since the cursor
      headers: { "Nitro-Live": (fresh === undefined ? "" : "!") + cursor },
      filterSignals: none,
      requestCancellation: stream,
      retry: "always",
      retryInterval: 500,
      retryScaler: 1.5,
      retryMaxWait: 1500,
      retryMaxCount: Infinity,
    };
  },
  dialog() {
    asked?.abort();
    asked = new AbortController();
    return { ...once(asked), filterSignals: { include: /^kept_sealed(\.|$)/ }, headers: { "Nitro-Dialog": "true" } };
  },
  // For ``@post(nitro.action(el), nitro.form(el))`` on a form. A field may be called
  // "action", so the property of that name is not to be trusted.
  action: (form) => form.getAttribute("action") || location.href,
  form(form) {
    const controller = new AbortController();
    posts.set(form, controller);
    const dialog = form.closest("#nitro-dialog");
    return { ...once(controller), contentType: "form", headers: dialog ? { "Nitro-Dialog": "true" } : {} };
  },
  // For what ``call(product.restock, quantity=5)`` makes of a button.
  target: (el) => el.dataset.nitroUrl,
  call: (el) => ({
    ...once(new AbortController()),
    retryMaxCount: 0,
    headers: proof(),
    payload: { ...JSON.parse(el.dataset.nitroArguments), ...sealed() },
  }),
  kept: stored,
  keep(kept_sealed, kept) {
    const text = JSON.stringify({ kept_sealed, kept });
    if (text === written) return;
    written = text;
    try {
      localStorage.setItem(KEPT, text);
    } catch {} // it lasts as long as the page then
  },
  go(link) {
    const url = new URL(link.href, location.href);
    const { nitroToast } = link.dataset;
    link.remove();
    if (!sameOrigin(url)) return;
    if (nitroToast) sessionStorage.setItem("nitro-toast", nitroToast);
    if (url.href.split("#")[0] === location.href.split("#")[0]) location.reload();
    else location.assign(url);
  },
  toast,
};

const kept = sessionStorage.getItem("nitro-toast");
if (kept) {
  sessionStorage.removeItem("nitro-toast");
  toast(kept);
}
timeToasts();
