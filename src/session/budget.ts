// A budget for hostile input: costly failures and error replies per minute (spec/08, "Rate limits"). It lives beside
// the state, not in it, so that a rejected input leaves the state untouched.
import type { Limits } from "../limits.ts";

/** Counts per peer; keep one for the life of the process. */
export interface Budget {
  /** Whether a costly check may be tried at `now` (seconds). */
  mayTry(now: number): boolean;
  /** A costly check failed. */
  failed(now: number): void;
  /** Whether an error message may be sent at `now`; counts it if so. */
  mayReply(now: number): boolean;
  /** Whether an answer may be sent once more at `now`; counts it if so. */
  mayRepeat(now: number): boolean;
}

export function createBudget(limits: Limits): Budget {
  const failures = slidingWindow();
  const replies = slidingWindow();
  const repeats = slidingWindow();
  return {
    mayTry: (now) => failures.count(now) < limits.costlyFailuresPerMinute,
    failed: (now) => {
      if (failures.count(now) < limits.costlyFailuresPerMinute) failures.add(now);
    },
    mayReply: (now) => takes(replies, now, limits.errorsPerMinute),
    mayRepeat: (now) => takes(repeats, now, limits.repeatsPerMinute),
  };
}

/** Counts one more, unless that many were counted already. */
function takes(window: ReturnType<typeof slidingWindow>, now: number, limit: number): boolean {
  if (window.count(now) >= limit) return false;
  window.add(now);
  return true;
}

const WINDOW_SECONDS = 60;

/** Times within the last minute; a clock that jumps back empties it. */
function slidingWindow(): { count(now: number): number; add(now: number): void } {
  let times: number[] = [];
  const prune = (now: number): number[] => {
    times = times.filter((time) => time > now - WINDOW_SECONDS && time <= now);
    return times;
  };
  return { count: (now) => prune(now).length, add: (now) => void prune(now).push(now) };
}
