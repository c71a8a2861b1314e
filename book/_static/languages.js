// The reader's choice of a language is remembered, and keeps the place on the page.
for (const link of document.querySelectorAll("a[data-language]")) {
  link.addEventListener("click", () => {
    link.hash = location.hash;
    try {
      localStorage.setItem("cx-language", link.dataset.language);
    } catch {
      // storage is forbidden here: the link works all the same
    }
  });
}
