// Everything the studio asks of its server. A key, where one is needed, is kept for as long as the tab is open.

const KEY = "insula-key";
export const key = { get: () => sessionStorage.getItem(KEY) ?? "", set: (value: string) => sessionStorage.setItem(KEY, value) };

export class Refused extends Error {
  constructor(readonly status: number, message: string) { super(message); }
}

export async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  if (key.get()) headers.set("authorization", `Bearer ${key.get()}`);
  let reply: Response;
  try {
    reply = await fetch(path, { ...options, headers });
  } catch {
    throw new Refused(0, "The server does not answer. Is it running?");
  }
  if (!reply.ok) throw new Refused(reply.status, await told(reply));
  return reply;
}

async function told(reply: Response): Promise<string> {
  try {
    return ((await reply.json()) as { error: { message: string } }).error.message;
  } catch {
    return `The server answers ${reply.status}.`;
  }
}

export const get = async <T,>(path: string): Promise<T> => (await (await ask(path)).json()) as T;

export const post = (path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal });

export interface ServerEvent { event: string; data: Record<string, unknown> }

// Server-sent events of a reply, as they come; a connection that breaks is their end.
export async function* events(reply: Response): AsyncGenerator<ServerEvent> {
  const reader = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read().catch(() => ({ value: "", done: true }));
    held += value ?? "";
    const whole = held.split("\n\n");
    held = whole.pop() ?? "";
    for (const one of whole) {
      const event = /^event: (.*)$/m.exec(one)?.[1] ?? "message";
      const data = /^data: (.*)$/m.exec(one)?.[1];
      if (data) yield { event, data: JSON.parse(data) as Record<string, unknown> };
    }
    if (done) return;
  }
}

export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
