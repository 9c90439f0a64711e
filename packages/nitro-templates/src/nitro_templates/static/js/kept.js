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

Object.assign(nitro, {
  kept: stored,
  keep(kept_sealed, kept) {
    const text = JSON.stringify({ kept_sealed, kept });
    if (text === written) return;
    written = text;
    try {
      localStorage.setItem(KEPT, text);
    } catch {} // it lasts as long as the page then
  },
});
