// The streams: what the server sends of the page, and of the one in the dialog, when it changes

// What is followed, by the id of the element that says so: from which connection of its own, if it
// has one, and under which name others get it for this page, see tabs.js.
const follows = new Map();
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
  lostTimer ??= setTimeout(() => say("reconnecting", t("Connection lost. Trying again…")), 1000);
  // A stream that has nothing to say is silent; no failure for so long means it stands.
  clearTimeout(backTimer);
  backTimer = setTimeout(connected, 5000);
}

function refused(live, status) {
  // the form in the dialog works without, and a page that has nothing live any more says 204
  if (live.id !== "nitro-live" || status === 204) return;
  connected();
  say("closed", "");
  toast(t("This page cannot be kept up to date any more."), "error", true);
}

// "!" asks for the state of every view, and for the patches since the cursor
const since = ({ dataset: { cursor, fresh } }) => (fresh === undefined ? "" : "!") + cursor;

function urlOf({ id }) {
  const { pathname, search } = new URL(id === "nitro-live" ? location : byId("nitro-dialog").dataset.url, location);
  return pathname + search;
}

function followAlone(follow) {
  const { live } = follow, controller = new AbortController();
  follow.connection?.abort();
  follow.connection = controller;
  follow.asked = follow.key;
  const ask = () => [urlOf(live), { headers: { "Nitro-Live": since(live), "Nitro-Referrer": document.referrer, "Datastar-Request": "true", ...inItsLanguage() } }];
  listen(controller, ask, (event) => put(follow, event), { refused: (status) => refused(live, status) });
}

function unfollow(id) {
  follows.get(id)?.connection?.abort();
  if (follows.delete(id)) tellTabs();
}

function begin(follow) {
  if (follow.live.dataset.state !== "reconnecting") follow.live.dataset.state = "connecting";
  follow.alone = false; // whatever it was before
  renew(follow);
  if (!shares(follow.live)) followAlone(follow);
  else if (tabs) tellTabs();
  else joinTabs(follow.live);
}

function reopen(live = byId("nitro-live")) {
  if (!live) return;
  live.dataset.fresh = "";
  if (follows.has(live.id) && !document.hidden) begin(follows.get(live.id));
}

// A tab that nobody sees lets go of its connection, and gets what it missed when it is shown.
function rest() {
  leaveTabs();
  for (const follow of follows.values()) follow.connection?.abort(), delete follow.connection;
}

function wake() {
  for (const follow of follows.values()) if (!follow.connection) begin(follow);
}

document.addEventListener("visibilitychange", () => (document.hidden ? rest() : wake()));
addEventListener("pagehide", rest);
// A page out of the back-forward cache has missed what happened meanwhile.
addEventListener("pageshow", (evt) => evt.persisted && !document.hidden && wake());
addEventListener("online", () => byId("nitro-live")?.dataset.state === "reconnecting" && reopen());

Object.assign(nitro, {
  follow(live) {
    follows.get(live.id)?.connection?.abort();
    const follow = { live };
    follows.set(live.id, follow);
    if (!document.hidden) begin(follow);
  },
});

function put(follow, { name, args, id }) {
  const { live } = follow;
  if (!live.isConnected) return unfollow(live.id);
  if (name.startsWith("datastar-")) document.dispatchEvent(new CustomEvent("datastar-fetch", { detail: { type: name, el: live, argsRaw: args } }));
  if (!id || follows.get(live.id) !== follow) return;
  live.dataset.cursor = id;
  delete live.dataset.fresh;
}

// Asks what *ask* answers again and again until *controller* is aborted or the server refuses,
// and lets *hear* have the events. *between* is told before each pause.
async function listen(controller, ask, hear, { refused, lost: tellLost = lost, between } = {}) {
  const { signal } = controller;
  let wait = 500, slower = 500;
  while (!signal.aborted) {
    let status = 0, whole = false;
    try {
      const [url, init] = ask();
      const answer = await fetch(url, { ...init, signal });
      ({ status } = answer);
      const events = status === 200 && answer.headers.get("Content-Type")?.startsWith("text/event-stream");
      if (events) {
        slower = 500;
        wait = (await read(answer.body, hear, signal)) ?? wait;
        whole = true;
      } else if (status < 500 && status !== 408 && status !== 429) return refused(status);
    } catch {} // the network
    if (signal.aborted) return;
    if (!whole) tellLost();
    between?.();
    await pause(whole ? wait : slower, signal);
    if (!whole) slower = Math.min(slower * 1.5, 1500);
  }
}

// Answers after how many milliseconds the server wants to be asked again.
async function read(body, hear, signal) {
  const reader = body.getReader(), decoder = new TextDecoder();
  let left = "", retry;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || signal.aborted) return retry;
    const texts = (left + decoder.decode(value, { stream: true })).split("\n\n");
    left = texts.pop();
    for (const text of texts) {
      const event = eventOf(text);
      retry = event.retry ?? retry;
      hear(event);
      if (signal.aborted) return retry;
    }
  }
}

function eventOf(text) {
  const event = { name: "", args: {}, text };
  for (const line of text.split("\n")) {
    const [, field, value] = line.match(/^(\w+): ?(.*)$/s) ?? [];
    if (field === "event") event.name = value;
    else if (field === "id") event.id = value;
    else if (field === "retry") event.retry = +value;
    else if (field === "data") {
      const [, name, rest] = value.match(/^(\S*) ?(.*)$/s);
      event.data = value;
      event.args[name] = name in event.args ? `${event.args[name]}\n${rest}` : rest;
    }
  }
  return event;
}

function pause(ms, signal) {
  return new Promise((done) => {
    const end = () => (clearTimeout(timer), signal.removeEventListener("abort", end), done());
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
