import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/limits.ts";
import { createBudget } from "../../src/session/budget.ts";

const limits = { ...defaultLimits, costlyFailuresPerMinute: 3, errorsPerMinute: 2 };

describe("a budget", () => {
  it("is used up by so many failures within a minute, and comes back with time", () => {
    const budget = createBudget(limits);
    for (const now of [0, 10, 20]) {
      expect(budget.mayTry(now)).toBe(true);
      budget.failed(now);
    }
    expect([20, 59.9].map((now) => budget.mayTry(now))).toEqual([false, false]);
    expect([60, 61].map((now) => budget.mayTry(now))).toEqual([true, true]);
  });

  it("is not used by asking", () => {
    const budget = createBudget(limits);
    for (let i = 0; i < 10; i++) expect(budget.mayTry(0)).toBe(true);
  });

  it("counts no failures beyond the limit: they neither pile up nor keep it locked", () => {
    const budget = createBudget(limits);
    for (let i = 0; i < 3; i++) budget.failed(0);
    for (let i = 0; i < 1000; i++) budget.failed(59);
    expect(budget.mayTry(60)).toBe(true);
  });

  it("counts replies as they are allowed, apart from failures", () => {
    const budget = createBudget(limits);
    for (let i = 0; i < 3; i++) budget.failed(0);
    expect([0, 1, 2, 60, 61].map((now) => budget.mayReply(now))).toEqual([true, true, false, true, true]);
  });

  it("is empty again when the clock went back", () => {
    const budget = createBudget(limits);
    for (let i = 0; i < 3; i++) budget.failed(1000);
    expect(budget.mayTry(1000)).toBe(false);
    expect(budget.mayTry(500)).toBe(true);
  });
});
