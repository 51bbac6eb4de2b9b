/* A formula in a line of text that is wider than the page scrolls within itself. */
(function () {
  "use strict";
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
