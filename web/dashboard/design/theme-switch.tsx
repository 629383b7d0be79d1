import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { applyTheme, storedTheme, type Theme } from "./theme";

const THEMES: { theme: Theme; label: string; Icon: typeof Sun }[] = [
  { theme: "system", label: "As the system", Icon: Monitor },
  { theme: "light", label: "Light", Icon: Sun },
  { theme: "dark", label: "Dark", Icon: Moon },
];

export function ThemeSwitch() {
  const [chosen, setChosen] = useState(storedTheme());
  const choose = (theme: Theme) => {
    applyTheme(theme);
    setChosen(theme);
  };
  return (
    <div className="segments theme" role="group" aria-label="Theme">
      {THEMES.map(({ theme, label, Icon }) => (
        <button key={theme} type="button" aria-pressed={chosen === theme} aria-label={label} onClick={() => choose(theme)}>
          <Icon size={16} aria-hidden="true" />
        </button>
      ))}
    </div>
  );
}
