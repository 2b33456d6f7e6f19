// Keys: / to search, j and k through the hits, x to choose, Enter to open, Space to
// play, ? for help. They are silent while one writes, and may be switched off.

const SWITCH = "valv-keys";

const writing = (target) => target.closest(
  "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, dialog",
);
const on = () => localStorage.getItem(SWITCH) !== "off";
const links = () => [...document.querySelectorAll("[data-hits] a[data-hit]")];

function step(by) {
  const all = links();
  if (!all.length) return;
  const row = document.activeElement.closest?.("tr");
  const now = all.findIndex((link) => link.closest("tr") === row);
  const next = now < 0 ? (by > 0 ? 0 : all.length - 1) : now + by;
  const link = all[Math.min(Math.max(next, 0), all.length - 1)];
  link.focus({ preventScroll: true });
  link.closest("tr").scrollIntoView({ block: "nearest" });
}

function choose() {
  document.activeElement.closest?.("tr")?.querySelector("input[name=id]")?.click();
}

function play(event) {
  const link = document.activeElement.closest?.("a[data-hit]");
  if (link) {
    event.preventDefault();
    location.assign(`${link.href}#recording-1`);
    return;
  }
  if (document.activeElement.closest?.("button, a, input, summary")) return;
  const button = document.querySelector("[data-play-button]");
  if (!button) return;
  event.preventDefault();
  button.click();
}

const acts = {
  "/": (event) => {
    const field = document.querySelector("[data-first-field]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  },
  j: () => step(1),
  k: () => step(-1),
  x: choose,
  " ": play,
  "?": () => document.querySelector("#keys")?.showModal(),
};

export function startKeyboard() {
  document.addEventListener("keydown", (event) => {
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || !on()) return;
    if (writing(event.target)) return;
    act(event);
  });
  const box = document.querySelector("[data-keys-switch]");
  if (!box) return;
  box.checked = on();
  box.addEventListener("change", () => {
    localStorage.setItem(SWITCH, box.checked ? "on" : "off");
  });
  document.querySelectorAll("[data-open-keys]").forEach((opener) => {
    opener.hidden = false;
    opener.addEventListener("click", () => document.querySelector("#keys").showModal());
  });
}
