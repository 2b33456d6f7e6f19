// Choosing hits: one, the page, or every hit of the search. The bar of acts says how
// many are meant, and its buttons sleep while none are.

export function startSelection(root) {
  const form = root.matches?.("form[data-hits]")
    ? root : root.querySelector("form[data-hits]");
  if (!form || form.dataset.started) return;
  form.dataset.started = "yes";
  const page = form.querySelector("[data-select-page]");
  const boxes = [...form.querySelectorAll("input[name=id]")];
  const bar = form.querySelector("[data-acts]");
  if (!bar) return;
  const said = bar.querySelector("[data-chosen]");
  const acts = [...bar.querySelectorAll("button[name=action]")];

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    const all = form.elements.scope?.value === "all";
    page.checked = chosen > 0 && chosen === boxes.length;
    page.indeterminate = chosen > 0 && chosen < boxes.length;
    said.textContent = chosen;
    bar.classList.toggle("idle", chosen === 0 && !all);
    acts.forEach((button) => { button.disabled = chosen === 0 && !all; });
    boxes.forEach((box) => {
      box.closest("tr").classList.toggle("chosen", box.checked || all);
    });
  };
  page.hidden = false;
  page.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = page.checked; });
  });
  form.addEventListener("change", show);
  show();
}
