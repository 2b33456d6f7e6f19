// Copies a chat log or transcript as text; the button says when it is done.

export function startCopying(root) {
  root.querySelectorAll("[data-copy]").forEach((button) => {
    if (button.dataset.started) return;
    button.dataset.started = "yes";
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const text = (turn, part) => turn.querySelector(part).textContent.trim();
      const lines = [...source.querySelectorAll("[data-turn]")].map((turn) => (
        `${text(turn, "[data-when]")} ${text(turn, "[data-who]")}: ${text(turn, "[data-text]")}`
      ));
      await navigator.clipboard.writeText(lines.join("\n"));
      const label = button.querySelector("[data-label]");
      const before = label.textContent;
      label.textContent = button.dataset.done;
      setTimeout(() => { label.textContent = before; }, 2000);
    });
  });
}
