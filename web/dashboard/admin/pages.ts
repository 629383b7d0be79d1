import { type ComponentType, lazy, type LazyExoticComponent } from "react";

export interface AdminPage {
  /** The end of its address: /app/admin/<subject>. */
  subject: string;
  label: string;
  Page: LazyExoticComponent<ComponentType>;
}

/** What the staff can do, in the order of the navigation: a page is one line here and a module <subject>-page.tsx. */
export const ADMIN_PAGES: AdminPage[] = [
  { subject: "accounts", label: "Accounts", Page: lazy(() => import("./accounts-page")) },
  { subject: "data-requests", label: "Data requests", Page: lazy(() => import("./data-requests-page")) },
  { subject: "audit", label: "Audit", Page: lazy(() => import("./audit-page")) },
];
