import { expect, test } from "vitest";
import { unversioned } from "./wire";

test("a method loses its version, a person no part of a name", () => {
  expect(unversioned("text.encoder@3.1")).toBe("text.encoder");
  expect(unversioned("human:ana@example.org")).toBe("human:ana@example.org");
});
