// A recording of the microphone, or of microphone and camera, as a file; nothing is recorded before its consent is given.

import { useEffect, useRef, useState } from "preact/hooks";
import { clock } from "./turns";

export const canRecord = (): boolean => "MediaRecorder" in window && Boolean(navigator.mediaDevices);

export function Recorder({ video, agreed, done, failed }: {
  video: boolean; agreed: boolean; done: (file: File) => void; failed: (why: string) => void;
}) {
  const recorder = useRef<MediaRecorder>();
  const [since, setSince] = useState(0);
  const [now, setNow] = useState(0);
  const stop = () => {
    recorder.current?.stream.getTracks().forEach((track) => track.stop());
    recorder.current = undefined;
    setSince(0);
  };
  useEffect(() => stop, []);
  useEffect(() => {
    if (!since) return;
    const tick = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(tick);
  }, [since]);
  const start = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
      const kind = video ? "video/webm" : "audio/webm";
      const pieces: Blob[] = [];
      const one = (recorder.current = new MediaRecorder(stream, { mimeType: kind }));
      one.ondataavailable = (event) => pieces.push(event.data);
      one.onstop = () => { stop(); done(new File(pieces, "recording.webm", { type: kind })); };
      one.start();
      setSince(Date.now());
      setNow(Date.now());
    } catch {
      failed(`The ${video ? "camera" : "microphone"} cannot be used: it is not allowed, or there is none.`);
    }
  };
  return since
    ? <div class="row" role="status"><b class="recording">recording {clock((now - since) / 1000)}</b><button type="button" class="main" onClick={() => recorder.current?.stop()}>Stop</button></div>
    : <div class="row"><button type="button" class="main" disabled={!agreed} onClick={() => void start()}>Start recording</button></div>;
}
