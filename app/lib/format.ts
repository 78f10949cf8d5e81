/** Words for numbers and times, one way on every page. Times are read in UTC; `localTime` moves them first. */
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** "4 min ago", "in 6 min"; after seven days the date. */
export function relativeTime(at: Date, now: number): string {
  const distance = at.getTime() - now;
  const span = shortSpan(Math.abs(distance));
  if (span === null) return shortDate(at, now);
  if (span === "now") return "just now";
  return distance > 0 ? `in ${span}` : `${span} ago`;
}

function shortSpan(ms: number): string | null {
  if (ms < 5000) return "now";
  if (ms < minute) return `${Math.floor(ms / 1000)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return ms < 7 * day ? `${Math.floor(ms / day)} d` : null;
}

function shortDate(at: Date, now: number): string {
  const year = at.getUTCFullYear();
  const dayAndMonth = `${at.getUTCDate()} ${months[at.getUTCMonth()]}`;
  return year === new Date(now).getUTCFullYear() ? dayAndMonth : `${dayAndMonth} ${year}`;
}

/** The same moment, moved so that its UTC reading is what a clock in this zone shows. */
export const localTime = (at: Date) => new Date(at.getTime() - at.getTimezoneOffset() * minute);

export const dayAndTime = (at: Date) => at.toISOString().slice(0, 19).replace("T", " ");
export const exactTime = (at: Date) => `${dayAndTime(at)} UTC`;
/** 2 Mar 10:41, where a year would be too much. */
export const dayAndMinute = (at: Date) => `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${hourAndMinute(at)}`;
export const clockTime = (at: Date) => at.toISOString().slice(11, 19);
export const hourAndMinute = (at: Date) => at.toISOString().slice(11, 16);

/** A day such as 2026-03-03: "Tue 3 Mar". */
export function dueDay(date: string, now: number): string {
  const at = new Date(`${date}T00:00:00Z`);
  return `${weekdays[at.getUTCDay()]} ${shortDate(at, now)}`;
}

/** Overdue only after the day has ended, and never once the work is done. */
export function isOverdue(date: string | null, status: string, now: number): boolean {
  if (!date || status === "completed" || status === "cancelled") return false;
  return now >= new Date(`${date}T00:00:00Z`).getTime() + day;
}

/** "5 m 08 s", "1 h 02 m", "12 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${twoDigits(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor((whole % 3600) / 60))} m`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

const twoDigits = (n: number) => String(n).padStart(2, "0");

/** A share from 0 to 1 as "41 %", floored: 199 of 200 is not 100 %. */
export const percent = (share: number) => `${Math.floor(share * 100 + 1e-9)} %`;

/** A number with thin groups: 48,211. */
export const count = (n: number) => n.toLocaleString("en-US");

/** A count that may have stopped at its cap: "10,000+". */
export const counted = ({ count: n, isCapped }: { count: number; isCapped: boolean }) =>
  `${count(n)}${isCapped ? "+" : ""}`;

/** "3 tasks", "1 task". */
export const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** "in_progress" → "In progress". */
export const words = (slug: string) => sentence(slug.replaceAll("_", " "));
export const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** A field of a row as people read it: requiredCapabilities → required capabilities. */
export const fieldName = (name: string) => name.replace(/([A-Z])/g, (_, letter: string) => ` ${letter.toLowerCase()}`);

export const taskNumber = (number: number) => `T-${number}`;
export const workflowNumber = (number: number) => `W-${number}`;
