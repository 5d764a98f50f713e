// A file of its own, because the page's security policy runs no inline scripts.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", deepLinking: true, tryItOutEnabled: true, validatorUrl: null });
