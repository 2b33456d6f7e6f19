// A confirmation opens over the page it concerns. Without script the same link leads to
// a page of its own.

export function startDialogs(root) {
  const dialog = document.querySelector("#dialog");
  if (root === dialog?.querySelector("#dialog-body")) {
    if (!dialog.open) dialog.showModal();
    return;
  }
  root.querySelectorAll("dialog").forEach((one) => {
    if (one.dataset.started) return;
    one.dataset.started = "yes";
    one.addEventListener("click", (event) => {
      const asked = event.target.closest("[data-close]");
      if (!asked && event.target !== one) return;
      event.preventDefault();
      one.close();
    });
  });
}
