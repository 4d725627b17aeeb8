"""What tests of several rooms share."""

from __future__ import annotations

import os
import shutil
import string
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# what tests of several rooms make up lies beside this file
sys.path.insert(0, str(Path(__file__).parent))
# methods a person has trained for themselves are none of the tests' business, nor the other way round
os.environ["INSULA_HOME"] = tempfile.mkdtemp(prefix="insula-tests-")
# two threads collapse on a busy machine
os.environ.setdefault("OMP_NUM_THREADS", "1")
# a busy machine is no failure; what is about speed measures the processor's time
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

SaveCheckpoint = Callable[..., Path]
POSTGRESQL = Path("/usr/lib/postgresql")  # where Debian keeps its servers


@pytest.fixture
def save_checkpoint(tmp_path: Path) -> SaveCheckpoint:
    """`save(name, labels, problem_type)` writes a random BERT of a few thousand parameters as users' checkpoints are.

    `labels` None leaves LABEL_0, ..., `count` of them.
    """
    transformers = pytest.importorskip("transformers", reason="the transformers extra is not installed")
    torch = pytest.importorskip("torch", reason="the transformers extra is not installed")

    def save(name: str, labels: Sequence[str] | None, problem_type: str | None = None, count: int = 0) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        pieces = [*string.ascii_lowercase, *(f"##{letter}" for letter in string.ascii_lowercase)]
        (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces]) + "\n")
        transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
        numbered = dict(enumerate(labels)) if labels else {}
        names = {"id2label": numbered, "label2id": {x: i for i, x in numbered.items()}}
        torch.manual_seed(0)
        config = transformers.BertConfig(
            vocab_size=57,
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=32,
            initializer_range=0.5,
            problem_type=problem_type,
            **(names if labels else {"num_labels": count}),
        )
        transformers.BertForSequenceClassification(config).save_pretrained(folder)
        return folder

    return save


@pytest.fixture
def save_network(tmp_path: Path) -> Callable[..., Path]:
    """`save(...)` writes an ONNX network of faces: its three numbers are the mean blue, green and red of a picture.

    `side` and `count` are what its input states (a word: any), `last` whether colour is the last axis.
    """
    onnx = pytest.importorskip("onnx", reason="pip install onnx")

    def save(side: int | str = 16, count: int | str = "n", last: bool = False) -> Path:
        shape = [count, side, side, 3] if last else [count, 3, side, side]
        helper, kind = onnx.helper, onnx.TensorProto.FLOAT
        turned = helper.make_tensor("turned", onnx.TensorProto.INT64, [3], [2, 1, 0])
        nodes = [
            helper.make_node("ReduceMean", ["faces"], ["means"], axes=[1, 2] if last else [2, 3], keepdims=0),
            helper.make_node("Gather", ["means", "turned"], ["logits"], axis=1),
        ]
        given = [helper.make_tensor_value_info("faces", kind, shape)]
        gives = [helper.make_tensor_value_info("logits", kind, [count, 3])]
        graph = helper.make_graph(nodes, "faces", given, gives, [turned])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.save(model, tmp_path / "network.onnx")
        return tmp_path / "network.onnx"

    return save


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A PostgreSQL server of our own in a new folder, as its own user where we are root."""
    pytest.importorskip("psycopg", reason="the postgres extra is not installed")
    found = sorted(POSTGRESQL.glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL server is installed")
    if os.geteuid() == 0 and not shutil.which("runuser"):
        pytest.skip("PostgreSQL does not run as root, and no other user can be taken")
    binaries, folder = found[-1].parent, tmp_path_factory.mktemp("postgres")
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    for parent in [folder, *folder.parents[:3]]:
        os.chmod(parent, 0o755) if parent.stat().st_uid == os.geteuid() and parent != Path("/") else None  # noqa: PTH101
    if user:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    options = f"-c listen_addresses= -k {folder} -c fsync=off"
    for command in (
        [binaries / "initdb", "-D", data, "-U", "insula", "-A", "trust", "-E", "UTF8", "--no-sync"],
        [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"],
    ):
        ran = subprocess.run([*user, *map(str, command)], capture_output=True, text=True, cwd=folder, timeout=60)
        if ran.returncode:
            pytest.skip(f"PostgreSQL does not start here: {ran.stderr[:200]}")
    yield f"postgresql+psycopg://insula@/postgres?host={folder}", data
    stop = [binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
    subprocess.run([*user, *map(str, stop)], capture_output=True, cwd=folder, timeout=60)
