import { expect, test } from "vitest";
import { events, type ServerEvent } from "./api";

const sent = 'event: sentence\ndata: {"text": "I hear you."}\n\nevent: ans';

async function heard(end: (to: ReadableStreamDefaultController) => void): Promise<ServerEvent[]> {
  let pulls = 0;
  const pull = (to: ReadableStreamDefaultController) => (pulls++ ? end(to) : to.enqueue(new TextEncoder().encode(sent)));
  const found: ServerEvent[] = [];
  for await (const one of events(new Response(new ReadableStream({ pull })))) found.push(one);
  return found;
}

test("what came whole is given, whether a stream ends early or its connection breaks", async () => {
  const whole = [{ event: "sentence", data: { text: "I hear you." } }];
  expect(await heard((to) => to.close())).toEqual(whole);
  expect(await heard((to) => to.error(new TypeError("network error")))).toEqual(whole);
});
