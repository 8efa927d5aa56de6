// Starts Swagger UI on the documentation page. Everything it needs stands in the page's data attributes.
(function () {
  "use strict";
  var place = document.getElementById("swagger-ui");
  if (!place || typeof SwaggerUIBundle !== "function") {
    return;
  }
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function dress() {
    document.documentElement.classList.toggle("dark-mode", dark.matches);
  }
  dress();
  dark.addEventListener("change", dress);
  SwaggerUIBundle({
    url: place.dataset.url,
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    persistAuthorization: false,
    tryItOutEnabled: false,
    validatorUrl: null,
    syntaxHighlight: { activated: true },
    presets: [SwaggerUIBundle.presets.apis]
  });
})();
