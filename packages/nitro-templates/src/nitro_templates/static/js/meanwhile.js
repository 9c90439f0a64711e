// What is typed while a form is on its way is newer than the answer that brings the form back.
// (Forms that follow what is stored have their own way, see touched.js.)

const meanwhile = new WeakMap();

document.addEventListener("submit", ({ target }) => meanwhile.delete(target), true);

function noteMeanwhile({ target }) {
  const form = formAround(target);
  if (!form || !isBusy(form) || form.hasAttribute("data-nitro-live")) return;
  const row = rowAround(form, target);
  if (row) (meanwhile.get(form) ?? meanwhile.set(form, new Set()).get(form)).add(row.id);
}

document.addEventListener("input", noteMeanwhile, true);
document.addEventListener("change", noteMeanwhile, true);

document.addEventListener("datastar-fetch", ({ detail: { type, el, argsRaw } }) => {
  const typed = meanwhile.get(el);
  if (type !== "datastar-patch-elements" || !typed || !comesBack(el, argsRaw.elements ?? "")) return;
  const { content } = parsed(`<template>${argsRaw.elements}</template>`).querySelector("template");
  const rows = [...typed].map((id) => [byId(id), content.getElementById(id)]).filter(([mine, row]) => mine && row);
  if (!rows.length) return;
  meanwhile.delete(el);
  for (const [mine, row] of rows) carry(mine, row);
  for (const box of content.querySelectorAll("textarea")) if (box.value.startsWith("\n")) box.prepend(lineBreak);
  argsRaw.elements = [...content.children].map((part) => part.outerHTML).join("");
  queueMicrotask(() => {
    left.splice(0).forEach((part) => part.removeAttribute("data-ignore-morph"));
    // what the answer says is wrong may be right by now
    for (const [mine] of rows) if (mine.isConnected && mine.closest("form") === el) askCheck(el, fieldOf(el, mine), 400);
  });
}, true);
