const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const SECONDS = /^([+-]?)(\d{1,10})(?:\.\d{1,9})?$/;
// The three forms of RFC 9110. `Date.parse` is no use: it reads "try in 5 min" as a day in May 2001.
const IMF_DATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const RFC850_DATE = /^[A-Z][a-z]{5,8}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;
const LONGEST = 64;

/**
 * Seconds to wait that a `Retry-After` header asks for.
 *
 * @param value The header: seconds (a fraction is tolerated) or an HTTP date in any of the three forms of RFC 9110.
 * @param now The present in milliseconds since 1970, as `Date.now()` gives it.
 * @returns Seconds, never negative (a past date is 0). Undefined when the value is neither; the number is not capped.
 */
export function parseRetryAfter(value: string, now: number): number | undefined {
  if (value.length > LONGEST) return undefined;
  const trimmed = value.trim();
  const seconds = SECONDS.exec(trimmed);
  if (seconds !== null) return seconds[1] === '-' ? 0 : Number(trimmed);
  const time = parseHttpDate(trimmed, now);
  return time === undefined ? undefined : Math.max(0, (time - now) / 1_000);
}

function parseHttpDate(value: string, now: number): number | undefined {
  const imf = IMF_DATE.exec(value);
  if (imf !== null) return utc(Number(imf[3]), imf[2], imf[1], imf[4], imf[5], imf[6]);
  const rfc850 = RFC850_DATE.exec(value);
  if (rfc850 !== null) {
    // A two-digit year over 50 years ahead is of the past century (RFC 9110, 5.6.7).
    const thisYear = new Date(now).getUTCFullYear();
    let year = Math.floor(thisYear / 100) * 100 + Number(rfc850[3]);
    if (year > thisYear + 50) year -= 100;
    return utc(year, rfc850[2], rfc850[1], rfc850[4], rfc850[5], rfc850[6]);
  }
  const asctime = ASCTIME_DATE.exec(value);
  if (asctime !== null)
    return utc(Number(asctime[6]), asctime[1], asctime[2], asctime[3], asctime[4], asctime[5]);
  return undefined;
}

function utc(year: number, monthName = '', ...parts: (string | undefined)[]): number | undefined {
  const month = MONTHS.indexOf(monthName);
  if (month === -1 || month % 3 !== 0) return undefined;
  const [day, hour, minute, second] = parts.map(Number) as [number, number, number, number];
  if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const time = Date.UTC(year, month / 3, day, hour, minute, second);
  return Number.isNaN(time) ? undefined : time;
}
