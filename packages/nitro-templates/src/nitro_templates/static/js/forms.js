// Forms that are sent

const posts = new WeakMap();

Object.assign(nitro, {
  // For ``@post(nitro.action(el), nitro.form(el))`` on a form. A field may be called
  // "action", so the property of that name is not to be trusted.
  action: (form) => form.getAttribute("action") || location.href,
  form(form) {
    const controller = new AbortController();
    posts.set(form, controller);
    const dialog = form.closest("#nitro-dialog");
    return { ...once(controller), contentType: "form", headers: dialog ? { "Nitro-Dialog": "true" } : {} };
  },
});
