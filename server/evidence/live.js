"use strict";
// Shows the newest state while something goes on. It keeps open what is open and the focus
// where it is, and waits while someone types. Without this script the page reloads itself.
(() => {
  let wait = Number(document.documentElement.dataset.refresh) * 1000;
  if (!wait) return;
  const parts = ["header", "main", "footer"];
  const same = (now) => {
    if (!now || now === document.body) return null;
    const fold = now.closest("details");
    if (now.tagName === "SUMMARY" && fold?.id) return `#${CSS.escape(fold.id)} > summary`;
    if (now.id) return `#${CSS.escape(now.id)}`;
    const href = now.getAttribute("href");
    return href ? `a[href="${CSS.escape(href)}"]` : null;
  };
  const update = async () => {
    try {
      if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName)) return setTimeout(update, wait);
      const answer = await fetch(location.href, { cache: "no-store", redirect: "manual" });
      // A redirect is to the login: what is on the page must not stay there.
      if (answer.status === 404 || answer.status === 410 || answer.type === "opaqueredirect") return location.reload();
      if (answer.ok) {
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const fold of next.querySelectorAll("details")) {
          const now = document.getElementById(fold.id);
          if (now) fold.open = now.open;
        }
        const focused = same(document.activeElement);
        for (const part of parts) document.querySelector(part).replaceWith(next.querySelector(part));
        if (focused) document.querySelector(focused)?.focus({ preventScroll: true });
        document.title = next.title;
        wait = Number(next.documentElement.dataset.refresh) * 1000;
        if (!wait) return;
      }
    } catch {
      // The next try may work.
    }
    setTimeout(update, wait);
  };
  setTimeout(update, wait);
})();
