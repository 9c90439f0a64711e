// What a Nitro page does in the browser besides Datastar: it keeps one live stream,
// moves the view state in and out of the URL, and runs the dialog and the toasts.
// No value ever becomes code: data is read from attributes and shown as text.

const byId = (id) => document.getElementById(id);
const none = { include: /(?!)/ };
const plain = (evt) =>
  evt.button === 0 && !evt.defaultPrevented && !evt.metaKey && !evt.ctrlKey && !evt.shiftKey && !evt.altKey;
const sameOrigin = (url) => url.origin === location.origin && /^https?:$/.test(url.protocol);
const once = (controller) => ({ filterSignals: none, requestCancellation: controller, openWhenHidden: true, retryMaxCount: Infinity });


// What the expressions of the page may use.
const nitro = (window.nitro = {});
