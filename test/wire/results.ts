// What tests want from a Result: the value or the code, and a failure that says which.
import type { RejectionCode, Result } from "../../src/errors.ts";

export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`rejected: ${result.code}: ${result.why}`);
  return result.value;
}

export function code<T>(result: Result<T>): RejectionCode | "accepted" {
  return result.ok ? "accepted" : result.code;
}
