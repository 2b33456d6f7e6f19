// Builds the portal's script, style sheet, fonts and icons from the packages that the
// lock file names, into valv/portal/static/valv. Nothing built is kept in the
// repository.

import { build } from "esbuild";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "valv", "portal", "static", "valv");
const require = createRequire(import.meta.url);

const icons = {
  phone: "phone", chat: "message-circle", email: "mail", etask: "checkbox",
  social: "share", search: "search", survey: "chart-bar", night: "moon-stars",
  storage: "calendar-time", log: "list-search", play: "player-play",
  download: "download", trash: "trash", back: "arrow-left", next: "arrow-right",
  recording: "microphone", transcript: "file-text", lock: "lock",
  restricted: "hand-stop", sun: "sun", moon: "moon", system: "device-desktop",
  user: "user", warning: "alert-triangle", ok: "circle-check", info: "info-circle",
  copy: "copy", columns: "columns-3", keyboard: "keyboard", clock: "clock",
  sheet: "file-spreadsheet", shield: "shield-check", withheld: "eye-off",
  anonymised: "user-off", none: "minus", inbound: "arrow-down-left",
  outbound: "arrow-up-right", internal: "arrows-left-right", filter: "adjustments",
  close: "x", link: "external-link", eye: "eye", chevron: "chevron-down",
  bot: "robot", language: "language", star: "star", out: "logout", live: "activity",
  settings: "settings", rules: "gavel", masked: "square-asterisk", topics: "tags",
  complete: "list-check", raw: "database", send: "send", pause: "player-pause", token: "key", again: "refresh",
  passkey: "fingerprint", access: "login", account: "user-circle",
};

async function sprite() {
  const symbols = await Promise.all(Object.entries(icons).map(async ([id, name]) => {
    const svg = await readFile(require.resolve(`@tabler/icons/outline/${name}.svg`), "utf8");
    const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1).replace("</svg>", "");
    return `<symbol id="${id}" viewBox="0 0 24 24">${body.trim()}</symbol>`;
  }));
  const sheet = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
  await writeFile(join(target, "icons.svg"), sheet);
}

await mkdir(target, { recursive: true });
await build({
  entryPoints: { app: join(here, "app.js"), style: join(here, "app.css") },
  entryNames: "app",
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome123", "firefox128", "safari17.5"],
  loader: { ".woff2": "file" },
  assetNames: "[name]",
  legalComments: "none",
  logLevel: "warning",
});
await sprite();
await copyFile(join(here, "mark.svg"), join(target, "mark.svg"));
