// Light, dark or as the system: shown at once, remembered by the server.

export function startPreferences() {
  const form = document.querySelector("form[data-theme-form]");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const theme = event.submitter.value;
    document.documentElement.dataset.theme = theme;
    form.querySelectorAll("button").forEach((button) => {
      button.setAttribute("aria-pressed", String(button === event.submitter));
    });
    const body = new FormData(form);
    body.set("theme", theme);
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
  document.querySelectorAll("details[data-menu]").forEach((menu) => {
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
}
