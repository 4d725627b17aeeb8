"""How fast signals of bodies are read, on one thread, and how near the measures are to NeuroKit2's own.

    python -m benchmarks.bodies [--json] [--hours 2]

An hour or two of a made-up body in all six channels, and of a wristband's four, goes through body.quality,
body.features and body.stress; NeuroKit2's own `process` and `analyze` of the same wristband's channels stand beside.
Agreement is over minutes of made-up bodies and, where INSULA_DATA is set, of Stress-Predict: our intervals beside those
of the wristband's own software.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.body.person import Body
from insula.body.pulse import beats
from insula.body.simulate import RATES, Simulated, simulate
from insula.presets import pipeline

from .measure import machine

WRIST = ("eda", "ppg", "temperature", "acceleration")
READERS = ("body.quality", "body.features", "body.stress")
MINUTES = 20  # that agreement is measured over
SHORT = 600.0  # seconds for NeuroKit2, which takes them one minute after the other


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--hours", type=float, default=1.0)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    made = simulate(3600 * given.hours, seed=1, stress=[(900.0, 1500.0)])
    simulate(120.0).conversation()
    pipeline("+".join(READERS)).run(simulate(120.0).conversation())  # imports and weights
    found: dict[str, Any] = {"machine": machine(), "hours": given.hours}
    found["times real time, processor time"] = dict(_speeds(made, 3600 * given.hours))
    found["NeuroKit2 alone, times real time"] = SHORT / _processor(lambda: _neurokit(simulate(SHORT, seed=2)))
    found["agreement with NeuroKit2"] = _agreement()
    found["intervals beside an Empatica E4's own"] = _empatica()
    print(json.dumps(found, indent=None if given.json else 1, default=float))


def _speeds(made: Simulated, seconds: float) -> Iterator[tuple[str, float]]:
    for name, channels in (("six channels", tuple(RATES)), ("a wristband", WRIST)):
        whole = made.conversation("ana", *channels)
        yield name, seconds / _processor(lambda whole=whole: pipeline("+".join(READERS)).run(whole))
    for reader in READERS:
        whole = made.conversation("ana", *WRIST)
        yield f"a wristband, {reader} alone", seconds / _processor(lambda whole=whole, r=reader: pipeline(r).run(whole))


def _processor(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _neurokit(made: Simulated) -> None:
    """What somebody who uses NeuroKit2 alone would call, minute by minute every ten seconds."""
    import neurokit2 as nk

    ppg, _ = nk.ppg_process(made.samples["ppg"], sampling_rate=64)
    eda, _ = nk.eda_process(made.samples["eda"], sampling_rate=4)
    for start in np.arange(0, SHORT - 60, 10):
        nk.ppg_intervalrelated(ppg[int(start * 64) : int(start * 64 + 3840)], sampling_rate=64)
        nk.eda_intervalrelated(eda[int(start * 4) : int(start * 4 + 240)], sampling_rate=4)


def _agreement() -> dict[str, float]:
    """Mean absolute differences over minutes of made-up bodies, ours less NeuroKit2's on the same samples."""
    import neurokit2 as nk

    rows: dict[str, list[float]] = {}
    for seed in range(MINUTES):
        made = simulate(60.0, seed=seed, rate=55 + 2 * seed)
        ours = Body.of(made.conversation()).features(0.0, 60.0)
        peaks = nk.ecg_peaks(nk.ecg_clean(made.samples["ecg"], sampling_rate=250), sampling_rate=250)[1]["ECG_R_Peaks"]
        theirs = nk.hrv_time(peaks, sampling_rate=250).iloc[0]
        breath = nk.rsp_process(made.samples["rsp"], sampling_rate=25)[0]["RSP_Rate"].mean()
        phasic = nk.eda_phasic(made.samples["eda"], sampling_rate=4)["EDA_Phasic"].to_numpy()
        counted = len(nk.eda_peaks(phasic, sampling_rate=4, amplitude_min=0.05)[1]["SCR_Peaks"])
        for name, one, other in (
            ("heart rate, a minute", ours["heart.rate"], 60000 / theirs["HRV_MeanNN"]),
            ("rmssd, ms", ours["heart.rmssd"], theirs["HRV_RMSSD"]),
            ("sdnn, ms", ours["heart.sdnn"], theirs["HRV_SDNN"]),
            ("breaths, a minute", ours["breath.rate"], breath),
            ("responses of skin, a minute", ours["skin.responses"], counted),
        ):
            rows.setdefault(name, []).append(abs(one - other))
    return {name: round(float(np.mean(values)), 3) for name, values in rows.items()}


def _empatica() -> dict[str, float] | str:
    """Milliseconds our intervals are off those in IBI.csv, in the middle, timed at tops and at steepest rises."""
    from insula.data import MissingData
    from insula.data import corpus as record

    try:
        kept = np.load(record("stress-predict").paths("train")[0])
    except MissingData as error:
        return str(error)
    off = [_off(kept, f"S{person:02d}") for person in range(2, 36)]
    return {
        "people": len(off),
        "median of people, ms": round(float(np.median(off)), 1),
        "worst, ms": round(max(off), 1),
    }


def _off(kept: Any, person: str) -> float:
    found = beats("ppg", kept[f"{person}_bvp32"] * 0.1, 32.0)
    theirs: NDArray[np.float64] = kept[f"{person}_ibi"].astype(float)
    ends = found.times[1:]
    right = np.clip(np.searchsorted(ends, theirs[:, 0]), 1, len(ends) - 1)
    near = np.where(np.abs(ends[right] - theirs[:, 0]) < np.abs(ends[right - 1] - theirs[:, 0]), right, right - 1)
    return float(np.nanmedian(np.abs(found.intervals[near] - theirs[:, 1]))) * 1000


if __name__ == "__main__":
    main()
