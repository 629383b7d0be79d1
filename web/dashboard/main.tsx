import "@fontsource-variable/inter/wght.css";
import "./design/tokens.css";
import "./design/base.css";
import "./design/controls.css";
import "./design/layout.css";
import "./companies/companies.css";
import "./corrections/corrections.css";
import "./exclusions/exclusions.css";
import "./secrets/secrets.css";
import "./sites/sites.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { App } from "./app";
import { applyTheme, storedTheme } from "./design/theme";
import { SessionProvider } from "./session/session";

const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 10_000, retry: 1 } } });

applyTheme(storedTheme());
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <SessionProvider>
        <Router base="/app">
          <App />
        </Router>
      </SessionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
