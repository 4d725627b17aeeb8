import { expect, test } from "vitest";
import { alpha, interval } from "./agreement";

test("the nominal example of Krippendorff 2011 gives .743 and full agreement 1", () => {
  const a = "1,2,3,3,2,1,4,1,2,,,".split(",");
  const b = "1,2,3,3,2,2,4,1,2,5,,3".split(",");
  const c = ",3,3,3,2,3,4,2,2,5,1,".split(",");
  const d = "1,2,3,3,2,4,4,1,2,5,1,".split(",");
  const units = a.map((_, k) => [a[k]!, b[k]!, c[k]!, d[k]!].filter(Boolean));
  expect(alpha(units)).toBeCloseTo(0.743, 3);
  expect(alpha([["x", "x"], ["y", "y"]])).toBe(1);
});

test("chance is 0 or below, and nothing to compare is undefined", () => {
  expect(alpha([["x", "y"], ["y", "x"]])!).toBeLessThan(0);
  expect(alpha([["x"], []])).toBeUndefined();
  expect(alpha([["x", "x"]])).toBeUndefined();
});

test("an interval holds alpha, is the same each time, and needs something to compare", () => {
  const units = [..."xxxxyyyyxy"].map((label, k) => [label, k % 4 ? label : "x"]);
  const [low, high] = interval(units)!;
  expect(low).toBeLessThan(alpha(units)!);
  expect(high).toBeGreaterThan(alpha(units)!);
  expect(interval(units)).toEqual([low, high]);
  expect(interval([["x"], ["y"]])).toBeUndefined();
});
