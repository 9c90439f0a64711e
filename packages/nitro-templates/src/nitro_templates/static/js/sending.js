// Forms on their way

const posts = new WeakMap(); // by form: what stops it
const isBusy = (form) => form.getAttribute("aria-busy") === "true";

Object.assign(nitro, {
  // For ``@post(nitro.action(el), nitro.form(el))`` on a form.
  action: (form) => form.getAttribute("action") || location.href,
  form(form) {
    const controller = new AbortController();
    posts.set(form, controller);
    form.setAttribute("aria-busy", "true");
    const dialog = form.closest("#nitro-dialog");
    return { ...once(controller), contentType: "form", headers: { ...inItsLanguage(), ...(dialog && { "Nitro-Dialog": "true" }) } };
  },
});

// What is being sent is not sent again.
document.addEventListener("submit", (evt) => {
  if (!isBusy(evt.target)) return;
  evt.preventDefault();
  evt.stopImmediatePropagation();
}, true);
