// Saved views: what is saved is what the address says by then, which the menu does not know

document.addEventListener("formdata", ({ target, formData }) => {
  if (target.querySelector("[data-nitro-query]")) formData.set("_query", location.search.slice(1));
});
