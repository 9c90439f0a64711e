// Clicks that run an action, and where the server sends the browser

// Where a proxy takes away what browsers say of a click's origin, this proves it.
const proof = () => {
  const token = document.querySelector('meta[name="nitro-token"]')?.content;
  return token ? { "Nitro-Token": token } : {};
};

Object.assign(nitro, {
  // For what ``call(product.restock, quantity=5)`` makes of a button.
  // Its markup may be older than the page, which knows below what path the application is.
  target: (el) => (document.querySelector('meta[name="nitro-root"]')?.content ?? "") + el.dataset.nitroUrl,
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
