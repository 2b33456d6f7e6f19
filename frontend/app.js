// The portal's script. Pages read without it; with it they answer while one types,
// play in place and obey the keyboard. Nothing is evaluated and no style is written
// into markup, so that the content security policy stays closed.

import { startCharts } from "./charts.js";
import { startCopying } from "./copying.js";
import { startDialogs } from "./dialogs.js";
import { startKeyboard } from "./keyboard.js";
import { startPasskeys } from "./passkeys.js";
import { startPlayers } from "./player.js";
import { startPreferences } from "./preferences.js";
import { startPresses } from "./presses.js";
import { startSearch } from "./search.js";
import { startSelection } from "./selection.js";

const starters = [
  startSearch, startSelection, startPlayers, startCharts, startCopying, startDialogs,
  startPasskeys,
];

document.documentElement.classList.add("scripted");
startPreferences();
startKeyboard();
startPresses();
starters.forEach((start) => start(document));
document.addEventListener("htmx:load", (event) => {
  const arrived = event.detail.elt;
  if (arrived === document.body) return;
  // The button that was pressed is gone; whoever pressed it goes on in what it brought.
  if (arrived.matches(".content, [data-focus]")) arrived.focus({ preventScroll: true });
  starters.forEach((start) => start(arrived.parentElement));
});
