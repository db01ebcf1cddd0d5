/* A contract's page: Swagger UI on the contract's OpenAPI file, in the light or the dark that the person has chosen.

   <main id="contract" data-openapi="/docs/api/live-chat/openapi.json"></main>

   Nothing is loaded from elsewhere, and no key is kept: it is gone with the page. */

(() => {
  const place = document.getElementById("contract");
  const system = matchMedia("(prefers-color-scheme: dark)");

  const shade = () => {
    const chosen = document.documentElement.dataset.theme;
    document.documentElement.classList.toggle("dark-mode", chosen ? chosen === "dark" : system.matches);
  };
  shade();
  system.addEventListener("change", shade);

  SwaggerUIBundle({
    domNode: place,
    url: place.dataset.openapi,
    validatorUrl: null,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    persistAuthorization: false,
    tryItOutEnabled: false,
    syntaxHighlight: { activated: true },
  });
})();
