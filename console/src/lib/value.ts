/** How does any value the server may hold read as one line? Structures are put in words, never shown as JSON. */

import { type Language, NOTHING } from "./format";

const LONGEST = 400;
type Parts = Record<string, unknown>;

/** The parts of a postal address as systems name them, from the door to the country. */
const STREET = ["street", "address", "line1", "address1", "address_line1", "addressLine1", "street_address"];
const DOOR = ["number", "line2", "address2", "address_line2", "addressLine2"];
const DISTRICT = ["district", "county", "suburb"];
const CITY = ["city", "town"];
const REGION = ["region", "province", "state"];
const POSTCODE = ["postal_code", "postalCode", "postcode", "zip"];
const COUNTRY = ["country", "country_code", "countryCode"];
const LOCAL = [DOOR, DISTRICT, CITY, REGION, POSTCODE, COUNTRY];
const PLACES = [STREET, ...LOCAL].flat();

const said = (parts: Parts, names: string[]) =>
  names.flatMap((name) => {
    const one = parts[name];
    return (typeof one === "string" && one.trim()) || typeof one === "number" ? [String(one).trim()] : [];
  });

function isAddress(parts: Parts): boolean {
  const known = Object.keys(parts).filter((name) => PLACES.includes(name));
  return said(parts, STREET).length > 0 || (known.length > 1 && said(parts, [...CITY, ...POSTCODE]).length > 0);
}

/** The way each language writes an address: from the door outwards, or from the country inwards. */
function address(parts: Parts, language: Language): string {
  const [street, door, district, city, region, code, country] = [STREET, ...LOCAL].map((names) => said(parts, names));
  if (language === "zh") {
    const inwards = [country, region, city, district, street, door].flat();
    const line = inwards.filter((one, at) => one !== inwards[at - 1]).join(" "); // 上海市 is a province and a city
    return [line.replace(/(?<=\p{Script=Han}) (?=\p{Script=Han}|\d)/gu, ""), ...(code ?? [])].join(" ").trim();
  }
  const place = [region, code].flat().join(" ");
  return [[street, door].flat().join(" "), ...[district, city].flat(), place, ...(country ?? [])]
    .filter(Boolean)
    .join(", ");
}

/** Any value as one line in the reader's language. */
export function readable(value: unknown, language: Language): string {
  const text = line(value, language);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function line(value: unknown, language: Language): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(4)));
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (Array.isArray(value))
    return value.length > 0 ? value.map((one) => line(one, language)).join(language === "zh" ? "、" : ", ") : NOTHING;
  const parts = value as Parts;
  const known = isAddress(parts) ? [address(parts, language)] : [];
  const others = Object.entries(parts)
    .filter(([name, one]) => one !== null && one !== "" && !(known.length > 0 && PLACES.includes(name)))
    .map(([name, one]) => (language === "zh" ? `${name}：${line(one, language)}` : `${name}: ${line(one, language)}`));
  return [...known, ...others].join(language === "zh" ? "；" : "; ") || NOTHING;
}
