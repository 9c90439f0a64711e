// The view: its state is the URL

let typing, refocus, telling;
let viewAsked = -Infinity;

// How many were found is read out to whoever asked for another view, not whenever others change something.
const counted = piece("p", "nitro-hidden");
counted.role = "status";
document.body.append(counted);

function tellCount(patch) {
  if (!patch.includes("nitro-count") || performance.now() - viewAsked > 3000) return;
  clearTimeout(telling);
  telling = setTimeout(() => {
    viewAsked = -Infinity;
    counted.textContent = [...document.querySelectorAll(".nitro-count")].map((line) => line.textContent).join(". ");
  }, 150);
}

// A part of this page, see ``nitro_templates.asking``.
function askUrl(...parts) {
  const url = new URL(location.href);
  url.hash = "";
  url.searchParams.set("_ask", parts.join(":"));
  return url;
}

const tableOf = (node) => node.closest(".nitro-table-box")?.id;

function askView() {
  viewAsked = performance.now();
  reopen();
}

function show(url, how) {
  clearTimeout(typing);
  if (!sameOrigin(url)) return;
  if (url.pathname !== location.pathname || !byId("nitro-live")) return location.assign(url);
  history[how]({}, "", url);
  shown = url.pathname + url.search;
  askView();
}

// Fields that the user sees replace what the URL says, hidden ones only serve browsers
// without scripts. Where the reader stood in the old result means nothing in the new one.
function viewUrl(form) {
  const url = new URL(form.getAttribute("action") || location.pathname, location.href);
  if (url.pathname === location.pathname) url.search = location.search;
  const data = new FormData(form);
  for (const field of form.elements) {
    if (!ofView(field)) continue;
    url.searchParams.delete(field.name);
    for (const value of data.getAll(field.name)) if (value) url.searchParams.append(field.name, value);
  }
  narrow(form, url);
  for (const name of (form.dataset.nitroView || "after before").split(" ")) url.searchParams.delete(name);
  // readable, where URLs allow it
  url.search = url.search.replace(/%(2C|28|29|7E)/g, decodeURIComponent);
  return url;
}

const ofView = (field) =>
  field.name && !field.name.startsWith("_") && field.type !== "submit" && (field.type !== "hidden" || field.closest(".nitro-picker"));

function fieldsFromUrl() {
  const params = new URLSearchParams(location.search);
  for (const form of document.querySelectorAll("form[data-nitro-view]")) {
    for (const field of form.elements) {
      if (!ofView(field)) continue;
      if (ticks(field)) field.checked = chosenIn(params, field).includes(field.value);
      else field.value = params.get(field.name) ?? "";
    }
    rulesFromUrl(form);
  }
}

// A link that is gone from the new view leaves the focus to what stands beside it, and so does a
// row that somebody else has deleted.
function focusAgain() {
  const at = document.activeElement, row = at?.closest("tbody > tr, .nitro-card");
  const stops = (of) => [...of.querySelectorAll("a[href], button, input")];
  const beside = row && (row.nextElementSibling ?? row.previousElementSibling);
  const place = row && stops(row).indexOf(at);
  return () => {
    if (document.activeElement !== document.body) return;
    const lost = at && at !== document.body && !at.isConnected;
    (refocus ?? (lost && ((beside?.isConnected && stops(beside)[place]) || byId("nitro-main"))))?.focus?.({ preventScroll: true });
  };
}

document.addEventListener("focusin", () => (refocus = undefined));

addEventListener("popstate", () => {
  if (location.pathname + location.search === shown) return;
  shown = location.pathname + location.search;
  clearTimeout(typing);
  fieldsFromUrl();
  if (byId("nitro-live")) askView();
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

// What a link says of other tables may be older than the address: theirs are taken from there.
function besideOthers(link, url) {
  const prefixes = [...document.querySelectorAll("[data-nitro-prefix]")].map((view) => view.dataset.nitroPrefix);
  const own = link.closest(".nitro-table-view")?.dataset.nitroPrefix;
  const isOwn = (name) => (own ? name.startsWith(own) : !prefixes.some((prefix) => name.startsWith(prefix)));
  for (const name of [...url.searchParams.keys()]) isOwn(name) || url.searchParams.delete(name);
  for (const [name, value] of new URLSearchParams(location.search)) isOwn(name) || url.searchParams.append(name, value);
  return url;
}

document.addEventListener("click", (evt) => {
  const link = evt.target.closest?.("a[href], button");
  // with the shift key a heading sorts by its column too
  if (evt.shiftKey && !evt.defaultPrevented && link?.matches("th > [data-nitro-view]") && byId("nitro-live")) {
    evt.preventDefault();
    return show(besideOthers(link, new URL(link.dataset.nitroAdd || link.href, location.href)), "pushState");
  }
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
    refocus = ("nitroChip" in link.dataset && link.closest(".nitro-table-box")?.querySelector("summary")) || byId("nitro-main");
    show(besideOthers(link, url), "pushState");
    fieldsFromUrl();
  } else if (link.hasAttribute("data-nitro-dialog") && byId("nitro-dialog")) {
    evt.preventDefault();
    openDialog(url.href);
  }
});
