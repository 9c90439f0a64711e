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

function reopen(live = byId("nitro-live")) {
  if (!live) return;
  live.dataset.fresh = "";
  live.dispatchEvent(new CustomEvent("nitro-live"));
}

addEventListener("online", () => byId("nitro-live")?.dataset.state === "reconnecting" && reopen());
// A page out of the back-forward cache has missed what happened meanwhile.
addEventListener("pageshow", (evt) => {
  if (evt.persisted) reopen(), reopen(byId("nitro-dialog-live"));
});

Object.assign(nitro, {
  url: () => location.pathname + location.search,
  live() {
    stream?.abort();
    stream = new AbortController();
    return forEver(stream, { ...since(byId("nitro-live")), "Nitro-Referrer": document.referrer });
  },
});

// "!" asks for the state of every view, and for the patches since the cursor
const since = ({ dataset: { cursor, fresh } }) => ({ "Nitro-Live": (fresh === undefined ? "" : "!") + cursor });

function forEver(controller, headers) {
  return {
    headers,
    filterSignals: none,
    requestCancellation: controller,
    retry: "always",
    retryInterval: 500,
    retryScaler: 1.5,
    retryMaxWait: 1500,
    retryMaxCount: Infinity,
  };
}
