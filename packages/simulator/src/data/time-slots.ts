import { hashText } from './random.ts';

/** A time span in Unix seconds. */
export interface TimeSlot {
  readonly start_time: number;
  readonly end_time: number;
}

const HOUR = 3600;
/** No answer lists more. */
const MAX_SLOTS = 500;

/** The hours in which an address is busy: about every third, always the same ones. */
export function busySlots(seed: number, email: string, start: number, end: number): TimeSlot[] {
  const slots: TimeSlot[] = [];
  for (let at = Math.ceil(start / HOUR) * HOUR; at + HOUR <= end && slots.length < MAX_SLOTS; at += HOUR) {
    if (isBusy(seed, email, at)) slots.push({ start_time: at, end_time: at + HOUR });
  }
  return slots;
}

/** The spans of `seconds` length in which everyone is free. */
export function freeSlots(
  seed: number,
  emails: readonly string[],
  start: number,
  end: number,
  seconds: number,
): TimeSlot[] {
  const slots: TimeSlot[] = [];
  for (let at = start; at + seconds <= end && slots.length < MAX_SLOTS; at += seconds) {
    if (emails.every((email) => isFree(seed, email, at, at + seconds))) {
      slots.push({ start_time: at, end_time: at + seconds });
    }
  }
  return slots;
}

function isFree(seed: number, email: string, start: number, end: number): boolean {
  for (let hour = Math.floor(start / HOUR) * HOUR; hour < end; hour += HOUR) {
    if (isBusy(seed, email, hour)) return false;
  }
  return true;
}

function isBusy(seed: number, email: string, hour: number): boolean {
  return hashText(seed ^ hour, email) % 3 === 0;
}
