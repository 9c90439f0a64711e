// For pages with a Content-Security-Policy

// The functions of known expressions, by what Datastar would compile. See expressions.py.
const compiled = {};

function known(names, body) {
  const code = body.replace(/return \(([^]*)\);$/, "$1");
  const run = compiled[code.replace(/;\s*/g, ";").replace(/;$/, "")];
  if (!run) {
    try {
      const data = JSON.parse(code.replace(/^\(([^]*)\)$/, "$1"));
      return () => structuredClone(data); // signals as the server writes them
    } catch {} // a program
    console.error(`Name this in configure(expressions=[…]), as Datastar would compile it: ${code}`);
    return;
  }
  // an event is told to listeners as one argument more
  const [name] = names.slice(4);
  return (el, $, action, evt, more) => (name === "evt" ? run(el, $, action, more) : run(el, $, action, evt, more));
}

// Called by the script with the expressions, before Datastar starts.
function withoutEval(expressions) {
  Object.assign(compiled, expressions);
  window.Function = new Proxy(Function, {
    apply: (made, self, texts) => known(texts.slice(0, -1), texts.at(-1)) ?? made(...texts),
  });
}

// A script that the server itself sends may run. It is told from markup by how it is sent.
document.addEventListener("datastar-fetch", ({ detail: { type, argsRaw } }) => {
  if (type !== "datastar-patch-elements" || argsRaw.selector !== "body" || argsRaw.mode !== "append") return;
  const { nonce } = document.querySelector("script[nonce]") ?? {};
  if (nonce) argsRaw.elements = argsRaw.elements.replace(/^<script(?=[ >])/, `<script nonce="${nonce}"`);
}, true);

export { withoutEval };
