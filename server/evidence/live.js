"use strict";
// Shows the newest state while the deployment is watched, and keeps open what is open.
// Without this script the page reloads itself.
(() => {
  const wait = Number(document.documentElement.dataset.refresh) * 1000;
  if (!wait) return;
  const parts = ["header", "main", "footer"];
  const update = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.status === 404 || answer.status === 410) return location.reload();
      if (answer.ok) {
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const fold of next.querySelectorAll("details")) {
          const now = document.getElementById(fold.id);
          if (now) fold.open = now.open;
        }
        const focused = document.activeElement?.closest("details")?.id;
        for (const part of parts) document.querySelector(part).replaceWith(next.querySelector(part));
        if (focused) document.querySelector(`#${focused} > summary`)?.focus({ preventScroll: true });
        document.title = next.title;
        if (!next.documentElement.dataset.refresh) return;
      }
    } catch {
      // The next try may work.
    }
    setTimeout(update, wait);
  };
  setTimeout(update, wait);
})();
