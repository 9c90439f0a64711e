// Stored files: each is sent as soon as it is chosen or dropped, and seen before that. What stands
// for it then goes with the form, so that a refused form has it still.

const sending = new Map(); // by list item: the request
const waiting = new WeakMap(); // by form: the button that was pressed while files were sent

const filesAround = (el) => el.closest?.(".nitro-files[data-nitro-upload]");
const heldIn = (box) => box.querySelector(".nitro-held");
const chooserIn = (box) => box.querySelector('input[type="file"]');
const sayUpload = (box, text) => (box.querySelector("[data-nitro-uploaded]").textContent = text);
const isSending = (form) => [...sending.keys()].some((item) => form.contains(item));

function sized(bytes) {
  const [unit, length] = [[t("GB"), 1e9], [t("MB"), 1e6], [t("KB"), 1e3]].find(([, least]) => bytes >= least) ?? [];
  if (!unit) return bytes === 1 ? t("{count} byte", { count: 1 }) : t("{count} bytes", { count: bytes });
  const parts = bytes < 10 * length ? 10 : 1;
  return `${number(Math.floor((bytes / length) * parts) / parts)} ${unit}`;
}

function take(box, files) {
  const chooser = chooserIn(box), form = formAround(box), row = rowAround(form, box);
  const wanted = "nitroMany" in box.dataset ? [...files] : [...files].slice(-1);
  const fit = wanted.filter((file) => file.size <= chooser.dataset.nitroMost);
  sayError(row, chooser, fit.length < wanted.length ? t("This file is too large. Choose one of {size} at most", { size: chooser.dataset.nitroLimit }) : "");
  chooser.value = "";
  for (const file of fit) send(box, file);
}

function send(box, file) {
  if (!("nitroMany" in box.dataset)) [...heldIn(box).children].filter((item) => item.querySelector("[data-nitro-drop-file]")).forEach(forget);
  const item = piece("li", "nitro-sending");
  item.setAttribute("data-ignore-morph", "");
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", t("Uploading {name}", { name: file.name }));
  const cancel = button("", "", t("Cancel"));
  cancel.dataset.nitroDropFile = "";
  cancel.setAttribute("aria-label", t("Cancel {name}", { name: file.name }));
  const seen = preview(file);
  item.append(...(seen ? [seen] : []), piece("span", "", file.name), piece("span", "nitro-size", sized(file.size)), bar, cancel);
  heldIn(box).append(item);
  const request = new XMLHttpRequest();
  sending.set(item, request);
  request.open("POST", box.dataset.nitroUpload);
  request.responseType = "json";
  const headers = { "Content-Type": "application/octet-stream", Accept: "application/json", "Nitro-Name": encodeURIComponent(file.name), ...proof() };
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.upload.onprogress = ({ loaded, total }) => (bar.value = total ? loaded / total : 0);
  request.onload = () => (request.status === 201 ? sentFile(box, item, file, request.response) : notSent(box, item, file, request.response));
  request.onerror = () => notSent(box, item, file, null);
  request.onabort = () => ended(box, item, t("{name} was not uploaded", { name: file.name }));
  request.send(file);
  sayUpload(box, t("Uploading {name}", { name: file.name }));
}

function preview(file) {
  if (!/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type)) return null;
  const image = document.createElement("img");
  image.className = "nitro-thumb";
  image.alt = "";
  image.src = URL.createObjectURL(file);
  // what has been read once is shown without its address, which would hold the whole file
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => (URL.revokeObjectURL(image.src), image.remove());
  return image;
}

function sentFile(box, item, file, { token, name, size }) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: chooserIn(box).name, value: token });
  item.querySelector("progress").replaceWith(field);
  item.querySelector("span").textContent = name;
  item.querySelector(".nitro-size").textContent = sized(size);
  const remove = item.querySelector("button");
  remove.textContent = t("Remove");
  remove.setAttribute("aria-label", t("Remove {name}", { name }));
  item.classList.remove("nitro-sending");
  if (!("nitroMany" in box.dataset)) box.querySelectorAll(".nitro-held > li").forEach((other) => other !== item && other.remove());
  sending.delete(item);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  sayUpload(box, t("{name} is uploaded", { name }));
  goOn(box);
}

function notSent(box, item, file, answer) {
  const chooser = chooserIn(box), row = rowAround(formAround(box), box);
  const [said] = Object.values(answer?.errors ?? {});
  const text = said ?? answer?.detail ?? t("{name} could not be uploaded. Try again", { name: file.name });
  sayError(row, chooser, `${file.name}: ${text}`);
  ended(box, item, text);
  chooser.focus();
}

function ended(box, item, text) {
  forget(item);
  sayUpload(box, text);
  waiting.delete(formAround(box));
}

function forget(item) {
  const request = sending.get(item);
  sending.delete(item);
  if (request) request.onabort = null;
  request?.abort();
  item.remove();
}

// What waited for the last file of its form is sent now.
function goOn(box) {
  const form = formAround(box);
  if (!waiting.has(form) || isSending(form)) return;
  const by = waiting.get(form);
  waiting.delete(form);
  form.requestSubmit(by?.isConnected ? by : undefined);
}

document.addEventListener("change", (evt) => {
  const box = evt.target.type === "file" && filesAround(evt.target);
  if (!box || !evt.target.files.length) return;
  evt.stopImmediatePropagation();
  take(box, evt.target.files);
}, true);

addEventListener("submit", (evt) => {
  if (!isSending(evt.target)) return;
  evt.preventDefault();
  evt.stopImmediatePropagation();
  waiting.set(evt.target, evt.submitter);
  const box = [...sending.keys()].find((item) => evt.target.contains(item)).closest(".nitro-files");
  sayUpload(box, t("The form is sent when the upload has ended"));
}, true);

document.addEventListener("click", (evt) => {
  const button = evt.target.closest?.("[data-nitro-drop-file]"), box = button && filesAround(button);
  if (!box) return;
  const name = button.closest("li").querySelector("span").textContent;
  forget(button.closest("li"));
  sayUpload(box, t("{name} is removed", { name }));
  chooserIn(box).focus();
  heldIn(box).dispatchEvent(new Event("input", { bubbles: true }));
  goOn(box);
});

// Dropped on the field; beside it nothing happens, and above all no other page is opened.

const brings = (evt) => [...(evt.dataTransfer?.types ?? [])].includes("Files");

document.addEventListener("dragover", (evt) => {
  if (!brings(evt) || !document.querySelector(".nitro-files[data-nitro-upload]")) return;
  evt.preventDefault();
  const box = filesAround(evt.target);
  evt.dataTransfer.dropEffect = box ? "copy" : "none";
  document.querySelectorAll(".nitro-files[data-nitro-over]").forEach((other) => other !== box && other.removeAttribute("data-nitro-over"));
  box?.setAttribute("data-nitro-over", "");
});
document.addEventListener("drop", (evt) => {
  if (!brings(evt) || !document.querySelector(".nitro-files[data-nitro-upload]")) return;
  evt.preventDefault();
  document.querySelectorAll("[data-nitro-over]").forEach((box) => box.removeAttribute("data-nitro-over"));
  const box = filesAround(evt.target);
  if (box) take(box, evt.dataTransfer.files);
});
document.addEventListener("dragleave", (evt) => evt.relatedTarget ?? document.querySelectorAll("[data-nitro-over]").forEach((box) => box.removeAttribute("data-nitro-over")));
