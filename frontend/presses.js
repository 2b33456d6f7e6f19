// A second press within a second is the hand's, not the head's: it posts nothing.

const APART = 1000;

export function startPresses() {
  const pressed = new WeakMap();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const before = pressed.get(event.target);
    if (before !== undefined && event.timeStamp - before < APART) event.preventDefault();
    else pressed.set(event.target, event.timeStamp);
  });
}
