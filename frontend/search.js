// The search form: what is picked is said, own dates show only when asked for, and a chosen period clears them.

function startPicks(root) {
  root.querySelectorAll("details[data-pick]").forEach((pick) => {
    const said = pick.querySelector("[data-picked]");
    pick.addEventListener("change", () => {
      const chosen = [...pick.querySelectorAll("input:checked")];
      said.textContent = chosen
        .map((box) => box.nextElementSibling.textContent).join(", ") || pick.dataset.every;
    });
  });
}

export function startSearch(root) {
  const form = root.querySelector("form[data-search]");
  if (!form || form.dataset.started) return;
  form.dataset.started = "yes";
  startPicks(form);
  const own = form.querySelector("[data-own-period]");
  if (!own) return;
  const showOwn = () => {
    own.hidden = form.elements.period.value !== "own";
  };
  form.addEventListener("change", showOwn);
  form.addEventListener("reset", () => setTimeout(() => {
    showOwn();
    window.htmx?.trigger(form, "input");
  }));
  showOwn();
}
