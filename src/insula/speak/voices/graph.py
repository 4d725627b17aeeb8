"""A network's inner result made one of its outputs, by adding one line to its file's bytes; no ONNX library is needed.

An ONNX file is a protocol buffer: field 7 of the model is its graph, field 12 of a graph an output, and field 1 of an
output its name (onnx.proto3).
"""

from __future__ import annotations

_GRAPH, _OUTPUT, _NAME = 7, 12, 1
_BYTES = 2  # the wire type of a field with a length in front


def with_output(model: bytes, name: str) -> bytes:
    """The model with the tensor `name` as a further, last output. Raises ValueError where it has no such tensor."""
    if name.encode() not in model:
        raise ValueError(f"the network has no tensor {name!r}")
    at, found = 0, bytearray()
    while at < len(model):
        start = at
        key, at = _number(model, at)
        value, after = _number(model, at)
        at = after + value if key & 7 == _BYTES else after
        if key == _GRAPH << 3 | _BYTES:
            output = _field(_OUTPUT, _field(_NAME, name.encode()))
            found += _field(_GRAPH, model[after:at] + output)
        else:
            found += model[start:at]
    return bytes(found)


def _field(number: int, content: bytes) -> bytes:
    return _packed(number << 3 | _BYTES) + _packed(len(content)) + content


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def _packed(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes(found + bytes([value]))
