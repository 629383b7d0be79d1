export type Theme = "system" | "light" | "dark";

const KEY = "leadsment-theme";

export const storedTheme = (): Theme => (localStorage.getItem(KEY) as Theme | null) ?? "system";

/** Show the dashboard in a theme and remember it on this device. */
export function applyTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
