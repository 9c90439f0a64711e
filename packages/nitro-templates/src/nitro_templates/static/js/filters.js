// Filters, conditions in groups, the choice of columns, and what is asked of a table alone

function ask(table, question) {
  byId(`${table}-ask`)?.dispatchEvent(new CustomEvent("nitro-ask", { detail: { url: askUrl(question).href } }));
}

// What a form says besides its plain fields: the conditions, and columns as one parameter.
function narrow(form, url) {
  const rules = form.querySelector("[data-nitro-rules]");
  if (rules) {
    const text = groupText(rules.querySelector("[data-nitro-group]"));
    if (text) url.searchParams.set(rules.dataset.nitroRules, text);
    else url.searchParams.delete(rules.dataset.nitroRules);
  }
  for (const { dataset } of form.querySelectorAll("[data-nitro-joined]")) {
    const chosen = url.searchParams.getAll(dataset.nitroJoined).join();
    if (chosen && chosen !== dataset.usual) url.searchParams.set(dataset.nitroJoined, chosen);
    else url.searchParams.delete(dataset.nitroJoined);
  }
}

function chosenIn(params, field) {
  const joined = field.closest("[data-nitro-joined]");
  return joined ? (params.getAll(field.name).join() || joined.dataset.usual).split(",") : params.getAll(field.name);
}

// The server writes the conditions of a URL; what is not in sight is asked for when it is.
function rulesFromUrl(form) {
  for (const builder of form.querySelectorAll("[data-nitro-builder]")) {
    builder.lastElementChild.replaceChildren();
    builder.lastElementChild.removeAttribute("data-nitro-rules");
    if (builder.open) askRules(builder);
  }
}

function askRules(builder) {
  const question = builder.dataset.nitroBuilder;
  ask(question.slice(question.indexOf(":") + 1), question);
}

const valueless = (op) => op === "empty" || op === "filled";

function ruleText(rule) {
  const [name, op, { value }] = ["field", "op", "value"].map((part) => rule.querySelector(`[data-nitro-${part}]`));
  const start = `${name.value}.${op.value}`;
  if (valueless(op.value)) return start;
  const text = value.trim();
  const quoted = '"' + text.replace(/["\\]/g, "\\$&") + '"';
  return text && `${start}.${/[(),"\\]/.test(text) ? quoted : text}`;
}

function groupText(group) {
  const parts = [...group.querySelector(":scope > [data-nitro-parts]").children]
    .map((part) => (part.matches("[data-nitro-group]") ? groupText(part) : ruleText(part)))
    .filter(Boolean);
  return parts.length ? `${group.querySelector("[data-nitro-join]").value}(${parts})` : "";
}

const fresh = (rules, name) =>
  rules.querySelector(`template[data-nitro-new="${CSS.escape(name)}"]`).content.firstElementChild.cloneNode(true);

function moreRules(button) {
  const rules = button.closest("[data-nitro-rules]");
  if (rules.querySelectorAll("[data-nitro-rule]").length >= +rules.dataset.most) return toast(t("No more than {most} conditions.", { most: rules.dataset.most }), "error");
  const rule = fresh(rules, rules.querySelector("template:not([data-nitro-new=group])").dataset.nitroNew);
  const group = button.dataset.nitroMore === "group" && fresh(rules, "group");
  if (group) group.querySelector("[data-nitro-parts]").append(rule);
  button.closest("[data-nitro-group]").querySelector(":scope > [data-nitro-parts]").append(group || rule);
  rule.querySelector("select").focus();
}

function lessRules(button) {
  const part = button.closest("[data-nitro-rule], [data-nitro-group]");
  const around = part.parentElement.closest("[data-nitro-group]");
  const { form } = button;
  part.remove();
  around.querySelector(":scope > .nitro-buttons > button").focus();
  show(viewUrl(form), "pushState");
}

document.addEventListener("click", (evt) => {
  const el = evt.target.closest?.("[data-nitro-more], [data-nitro-less], [data-nitro-ask]");
  if (!el || !plain(evt)) return;
  if ("nitroMore" in el.dataset) return moreRules(el);
  if ("nitroLess" in el.dataset) return lessRules(el);
  const table = el.closest(".nitro-table-box").id;
  if (!byId(`${table}-ask`)) return;
  evt.preventDefault();
  ask(table, el.dataset.nitroAsk);
});

document.addEventListener(
  "change",
  (evt) => {
    const rule = evt.target.closest?.("[data-nitro-rule]");
    if (!rule) return;
    if ("nitroField" in evt.target.dataset) {
      const other = fresh(rule.closest("[data-nitro-rules]"), evt.target.value);
      rule.replaceWith(other);
      other.querySelector("select").focus();
    } else if ("nitroOp" in evt.target.dataset) rule.querySelector("[data-nitro-value]").hidden = valueless(evt.target.value);
  },
  true,
);

// "toggle" does not bubble
document.addEventListener(
  "toggle",
  ({ target }) => target.open && target.dataset?.nitroBuilder && !target.lastElementChild.hasChildNodes() && askRules(target),
  true,
);

document.addEventListener("keydown", (evt) => {
  const panel = evt.key === "Escape" && !evt.defaultPrevented && evt.target.closest?.(".nitro-panel[open]");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});

document.addEventListener("datastar-fetch", ({ detail: { type, el } }) => {
  if (el.hasAttribute("data-nitro-asks") && (type === "error" || type === "retrying")) {
    toast(t("That could not be found out. Try again in a moment."), "error");
  }
});

for (const { dataset } of document.querySelectorAll("[data-nitro-every]")) {
  setInterval(() => document.hidden || !byId("nitro-live") || reopen(), +dataset.nitroEvery);
}

Object.assign(nitro, {
  part: () => ({ ...once(new AbortController()), retryMaxCount: 0 }),
  again: () => byId("nitro-live") && reopen(),
});
