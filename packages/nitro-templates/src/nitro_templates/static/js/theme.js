// The choice of a theme, kept where the server sees it: the next page comes in it.

const themeChoices = () => document.querySelectorAll(".nitro-theme input");
const otherTabs = new BroadcastChannel("nitro-theme");

function showTheme(value) {
  if (value === "light" || value === "dark") document.documentElement.dataset.theme = value;
  else delete document.documentElement.dataset.theme;
  for (const choice of themeChoices()) choice.checked = choice.value === value;
}

document.addEventListener("change", ({ target }) => {
  if (!target.closest(".nitro-theme")) return;
  const path = document.querySelector('meta[name="nitro-root"]')?.content || "/";
  document.cookie = `nitro-theme=${target.value}; path=${path}; max-age=31536000; samesite=lax`;
  showTheme(target.value);
  otherTabs.postMessage(target.value);
});

otherTabs.addEventListener("message", ({ data }) => showTheme(data));
// a page out of the back-forward cache is as old as it is
addEventListener("pageshow", ({ persisted }) => {
  const kept = /(?:^|; )nitro-theme=(\w+)/.exec(document.cookie)?.[1];
  if (persisted && kept) showTheme(kept);
});
