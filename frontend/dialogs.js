// A confirmation opens over the page it concerns. Without script the same link leads to
// a page of its own.

// What was asked for has taken its place on the page, unless the server asks once more.
function closeWhenDone(event) {
  const { xhr, successful } = event.detail;
  const asks = xhr.getResponseHeader("HX-Retarget") !== null;
  if (successful && !asks && event.target.matches("[data-closes]")) event.currentTarget.close();
}

export function startDialogs(root) {
  const dialog = document.querySelector("#dialog");
  if (root === dialog?.querySelector("#dialog-body")) {
    if (!dialog.open) dialog.showModal();
    return;
  }
  dialog?.addEventListener("htmx:afterRequest", closeWhenDone);
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
