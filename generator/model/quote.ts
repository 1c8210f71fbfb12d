/** A value as a message shows it: JSON, cut where it is long. */
export function quote(value: string | number): string {
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 76)}…"`;
}
