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
