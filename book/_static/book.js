/* Two small things: a formula in a line of text that is wider than the page scrolls within itself;
   and a search in pages opened as files shows titles only, since a browser reads no other file. */
(function () {
  "use strict";
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  function fit() {
    document.querySelectorAll(".bd-article span.math").forEach((formula) => {
      const line = formula.closest("p, li, dd, td, figcaption");
      const drawn = formula.querySelector("mjx-container");
      formula.classList.remove("wide-formula");
      if (line && drawn && drawn.getBoundingClientRect().width > line.clientWidth) {
        formula.classList.add("wide-formula");
      }
    });
  }
  window.addEventListener("load", () => {
    if (window.MathJax && MathJax.startup) MathJax.startup.promise.then(fit);
    window.addEventListener("resize", fit);
  });
})();
