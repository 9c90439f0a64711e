// Clicks that run an action, and where the server sends the browser

const metaNamed = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
// The language that the page has whoever reads it; what it asks for is answered in that.
const inItsLanguage = () => {
  const lang = metaNamed("nitro-lang");
  return lang ? { "Nitro-Lang": lang } : {};
};
// Where a proxy takes away what browsers say of a click's origin, the token proves it.
const proof = () => {
  const token = metaNamed("nitro-token");
  return { ...(token && { "Nitro-Token": token }), ...inItsLanguage() };
};

Object.assign(nitro, {
  // For what ``call(product.restock, quantity=5)`` makes of a button.
  // Its markup may be older than the page, which knows below what path the application is.
  target: (el) => metaNamed("nitro-root") + el.dataset.nitroUrl,
  call: (el) => ({
    ...once(new AbortController()),
    retryMaxCount: 0,
    headers: proof(),
    payload: { ...JSON.parse(el.dataset.nitroArguments), ...sealed() },
  }),
  go(link) {
    const url = new URL(link.href, location.href);
    const { nitroToast, nitroKind } = link.dataset;
    link.remove();
    if (!sameOrigin(url)) return;
    if (nitroToast) sessionStorage.setItem("nitro-toast", JSON.stringify([nitroToast, nitroKind]));
    if (url.href.split("#")[0] === location.href.split("#")[0]) location.reload();
    else location.assign(url);
  },
});
