// How figures are written. Rounding happens here and nowhere else; what is not known is said to be.

export const NOT_KNOWN = "not known";
const known = (value) => value !== null && value !== undefined;
const grouped = (decimals) =>
  new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
const WHOLE = grouped(0);

const threeFigures = (size) => (size < 9.995 ? size.toFixed(2) : size < 99.95 ? size.toFixed(1) : WHOLE.format(size));

export function short(amount, sign = "$") {
  if (!known(amount)) return NOT_KNOWN;
  const size = Math.abs(amount);
  const minus = amount < 0 ? "-" : "";
  for (const [limit, word] of [[1e9, " B"], [1e6, " M"], [1e3, " k"]]) {
    if (size >= limit * 0.9995) return `${minus}${sign}${threeFigures(size / limit)}${word}`;
  }
  return `${minus}${sign}${WHOLE.format(size)}`;
}

export const money = (amount, decimals = 0) =>
  known(amount) ? `${amount < 0 ? "-" : ""}$${grouped(decimals).format(Math.abs(amount))}` : NOT_KNOWN;
export const count = (number) => (known(number) ? WHOLE.format(number) : NOT_KNOWN);
export const percent = (share, decimals = 1) => (known(share) ? `${grouped(decimals).format(share * 100)} %` : NOT_KNOWN);
export const miles = (distance) => (known(distance) ? `${WHOLE.format(distance)} miles` : NOT_KNOWN);
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** A gap is never rounded down to nothing. */
export function gap(share) {
  if (!known(share)) return NOT_KNOWN;
  const shown = share * 100;
  if (shown <= 0) return "0 %";
  if (shown < 1e-4) return "less than 0.0001 %";
  return shown < 10 ? `${Number(shown.toPrecision(2))} %` : `${WHOLE.format(shown)} %`;
}

export function bytes(size) {
  for (const [limit, word] of [[2 ** 30, "GB"], [2 ** 20, "MB"], [2 ** 10, "kB"]]) {
    if (size >= limit) return `${threeFigures(size / limit)} ${word}`;
  }
  return `${size} bytes`;
}

export function seconds(length) {
  if (!known(length)) return NOT_KNOWN;
  if (length < 0.05) return "less than 0.1 s";
  if (length < 10 && !Number.isInteger(length)) return `${length.toFixed(1)} s`;
  if (length < 90) return `${Math.round(length)} s`;
  return `${Math.floor(length / 60)} min ${Math.round(length % 60)} s`;
}

const INSTANT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
export const instant = (text) => INSTANT.format(new Date(text));
export const words = (name) => {
  const spaced = String(name).replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};
