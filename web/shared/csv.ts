/** A cell as a spreadsheet shows it and never runs it: what would begin a formula gets an apostrophe before it. */
export function csvCell(text: string | null): string {
  const harmless = /^[=+\-@\t\r\n|%]/.test(text ?? "") ? `'${text}` : (text ?? "");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A CSV file (RFC 4180), with a mark by which spreadsheets know that it is UTF-8. */
export const csvFile = (lines: (string | null)[][]): string =>
  `\ufeff${lines.map((cells) => cells.map(csvCell).join(",")).join("\r\n")}\r\n`;

export const CSV_TYPE = "text/csv;charset=utf-8";
