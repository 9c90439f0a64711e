// Tabs of one browser share one stream
//
// Browsers open six connections to a host. So one of the tabs that can be seen, the one that has
// the lock, asks for what all of them show, and hands the others theirs. A tab alone asks as if
// there were no others. What is handed on is numbered under a key that a tab uses once; whoever
// misses a number, or hears of a new leader, says anew from where on it wants to have everything.

const me = Math.random().toString(36).slice(2);
let tabs; // how this tab speaks with the others, while it can be seen
let keys = 0;

const shares = (live) => "locks" in navigator && "BroadcastChannel" in window && live.dataset.tabs;
const followOf = (key) => [...follows.values()].find((follow) => follow.key === key);

function renew(follow) {
  follow.key = `${me}-${++keys}`;
  follow.count = 0;
}

// What this tab wants to have from the stream of all.
const wants = () =>
  [...follows.values()]
    .filter(({ alone, live }) => !alone && live.isConnected)
    .map(({ key, live }) => ({ key, url: urlOf(live), cursor: since(live), referrer: document.referrer, lang: metaNamed("nitro-lang") }));

function joinTabs({ dataset: { tabs: url } }) {
  const name = `nitro ${url} ${import.meta.url}`; // tabs with another version of this file are no partners
  const own = (tabs = { url, channel: new BroadcastChannel(name), leaving: new AbortController(), others: new Map() });
  own.channel.onmessage = ({ data }) => tabs === own && heard(data);
  const { signal } = own.leaving;
  const hold = (done) => (signal.addEventListener("abort", done), lead(own));
  navigator.locks.request(name, { signal }, () => signal.aborted || new Promise(hold)).catch(() => {});
  tellTabs();
}

function leaveTabs() {
  const own = tabs;
  if (!own) return;
  tabs = undefined;
  own.channel.postMessage({ tab: me, wanted: [] });
  own.channel.close();
  own.trunk?.abort();
  own.leaving.abort();
}

function tellTabs() {
  if (tabs?.leads) arrange();
  else tabs?.channel.postMessage({ tab: me, wanted: wants() });
}

function heard({ who, tab, wanted, key, count, text, closed, isLost }) {
  if (who || key) tabs.led = true;
  if (who) {
    follows.forEach(renew);
    tellTabs();
  } else if (tab && tabs.leads) {
    if (wanted.length) tabs.others.set(tab, wanted);
    else tabs.others.delete(tab);
    arrange();
  } else if (closed) refuseShared(closed);
  else if (isLost) lost();
  const follow = key && followOf(key);
  if (!follow) return;
  if (count === follow.count++) return put(follow, eventOf(text));
  renew(follow); // something is missing
  tellTabs();
}

// What cannot be had together the tab asks for itself, and hears why not.
function refuseShared(key) {
  const follow = followOf(key);
  if (!follow) return tabs?.leads && tabs.channel.postMessage({ closed: key });
  follow.alone = true;
  followAlone(follow);
}

// The tab that leads

function lead(own) {
  own.leads = true;
  own.channel.postMessage({ who: true });
  // after another leader there are others, who answer at once
  if (own.led) setTimeout(() => tabs === own && arrange(), 50);
  else arrange();
}

const allWants = ({ others }) => [...wants(), ...[...others.values()].flat()];

function arrange() {
  const own = tabs;
  // a tab that shows another view does not wait until all is asked for again
  const hurries = ({ key, cursor }) => cursor.startsWith("!") && !own.carried.has(key);
  if (own.id) change(own);
  else if (own.trunk) allWants(own).some(hurries) && openAgain(own);
  else if (own.others.size) own.soon ??= setTimeout(openTrunk, 20, own);
  else for (const follow of follows.values()) if (follow.asked !== follow.key) followAlone(follow);
}

// Who is still there says so, and up to where it has everything.
function gather(own) {
  own.id = undefined;
  own.others.clear();
  follows.forEach(renew);
  own.channel.postMessage({ who: true });
}

function openAgain(own) {
  if (own.soon) return;
  own.trunk.abort();
  own.soon = setTimeout(openTrunk, 30, own);
  gather(own);
}

function openTrunk(own) {
  own.soon = undefined;
  if (tabs !== own) return;
  const controller = (own.trunk = new AbortController());
  for (const follow of follows.values()) {
    if (follow.alone) continue;
    follow.connection?.abort();
    delete follow.connection;
    renew(follow);
  }
  let key;
  const ask = () => {
    own.id = undefined;
    const shown = allWants(own);
    own.carried = new Map(shown.map(({ key }) => [key, 0]));
    if (!own.others.size) disband(own);
    return [own.url, post({ shown })];
  };
  const hear = (event) => {
    if (event.name === "nitro-part") key = event.data;
    else if (event.name === "nitro-closed") refuseShared(event.data);
    else if (event.name === "nitro-tabs") {
      own.id = event.data;
      change(own);
    } else if (own.carried.has(key)) handOn(own, key, event);
  };
  listen(controller, ask, hear, {
    lost: () => (lost(), own.channel.postMessage({ isLost: true })),
    refused() {
      disband(own);
      own.others.clear();
      for (const key of own.carried.keys()) refuseShared(key);
    },
    between: () => gather(own),
  });
}

// Alone again.
function disband(own) {
  own.trunk.abort();
  own.trunk = own.id = undefined;
  if (!own.others.size) arrange();
}

function handOn(own, key, event) {
  const follow = followOf(key), count = own.carried.get(key);
  if (follow) return put(follow, event);
  own.carried.set(key, count + 1);
  own.channel.postMessage({ key, count, text: event.text });
}

async function change(own) {
  if (!own.id || own.changing) return;
  const all = allWants(own), shown = all.filter(({ key }) => !own.carried.has(key));
  const drop = [...own.carried.keys()].filter((key) => !all.some((want) => want.key === key));
  if (!shown.length && !drop.length) return;
  drop.forEach((key) => own.carried.delete(key));
  shown.forEach(({ key }) => own.carried.set(key, 0));
  const { trunk, id: to } = own;
  own.changing = true;
  const asked = { ...post({ to, shown, drop }), signal: trunk.signal };
  const { changed } = await fetch(own.url, asked).then((answer) => answer.json()).catch(() => ({}));
  own.changing = false;
  if (tabs !== own || own.trunk !== trunk || !own.id) return;
  if (changed) change(own);
  else openAgain(own); // another process answered, or the stream has just ended
}

const post = (asked) => ({
  method: "POST",
  headers: { "Content-Type": "application/json", "Nitro-Live": "tabs", ...proof() },
  body: JSON.stringify({ drop: [], ...asked }),
});
