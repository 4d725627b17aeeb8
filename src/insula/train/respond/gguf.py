"""An adapter of peft as the GGUF file that llama.cpp loads beside the base weights.

    write(Path("runs/respond-adapter"), Path("runs/respond-adapter.gguf"), heads=9, shared=3)
    merge(model, Path("runs/respond-adapter.gguf"))      # the same adapter into weights of transformers

llama.cpp keeps the rows of queries and keys in another order than transformers does (its rotary embedding turns
neighbours, not halves), so the outer matrix of these two is reordered.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_PART = re.compile(r"layers\.(\d+)\.(\w+\.\w+)\.lora_([AB])\.weight$")
Array = NDArray[Any]


def write(adapter: Path, file: Path, *, heads: int, shared: int, licence: str = "", name: str = "") -> None:
    """Write a folder of peft's as 16-bit floats.

    `heads` and `shared` are the base model's attention heads and those of keys and values. Raises ValueError for a
    tensor that the base architecture (llama) has no place for.
    """
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(config["lora_alpha"]))
    writer.add_name(name or file.stem)
    writer.add_license(licence)
    for key, tensor in sorted(load_file(adapter / "adapter_model.safetensors").items()):
        place, values = _placed(key, tensor, heads, shared)
        writer.add_tensor(place, values.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def merge(model: Any, file: Path) -> None:
    """Add an adapter to the weights of a model of transformers, in place. Raises KeyError where it does not fit."""
    reader = gguf.GGUFReader(file)
    tensors = {one.name: np.array(one.data, np.float32) for one in reader.tensors}
    alpha = float(reader.fields[gguf.Keys.Adapter.LORA_ALPHA].contents())
    heads = {"attn_q": model.config.num_attention_heads, "attn_k": model.config.num_key_value_heads}
    weights = dict(model.named_parameters())
    for layer in range(model.config.num_hidden_layers):
        for module, short in NAMES.items():
            name = f"blk.{layer}.{short}.weight"
            if f"{name}.lora_a" not in tensors:
                continue
            inner, outer = tensors[f"{name}.lora_a"], tensors[f"{name}.lora_b"]
            outer = halves(outer, heads[short]) if short in heads else outer
            weight = weights[f"model.layers.{layer}.{module}.weight"]
            weight.data += alpha / len(inner) * torch.from_numpy(outer @ inner)


def _placed(key: str, tensor: Array, heads: int, shared: int) -> tuple[str, Array]:
    """llama.cpp's name for a tensor, and its values in llama.cpp's order."""
    found = _PART.search(key)
    if not found or found[2] not in NAMES:
        raise ValueError(f"{key}: llama.cpp has no place for this tensor; adapt only {', '.join(NAMES)}")
    layer, module, part = found.groups()
    if part == "B" and NAMES[module] in ("attn_q", "attn_k"):
        tensor = neighbours(tensor, heads if NAMES[module] == "attn_q" else shared)
    return f"blk.{layer}.{NAMES[module]}.weight.lora_{part.lower()}", np.ascontiguousarray(tensor)


def neighbours(tensor: Array, heads: int) -> Array:
    """Per head the rows 0, half, 1, half + 1, ... of a matrix (rows, columns)."""
    rows, columns = tensor.shape
    return tensor.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def halves(tensor: Array, heads: int) -> Array:
    """`neighbours` undone."""
    rows, columns = tensor.shape
    return tensor.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)
