/** An identifier made of a name: small letters and digits, the rest one mark, none at the ends. */
export function slug(text: string, mark: "_" | "-" = "_"): string {
  const words = text.toLowerCase().split(/[^a-z0-9]+/);
  return words.filter(Boolean).join(mark);
}
