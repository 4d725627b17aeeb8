import os
import tempfile

# methods a person has trained for themselves are none of the tests' business, nor the other way round
os.environ["INSULA_HOME"] = tempfile.mkdtemp(prefix="insula-tests-")
# two threads collapse on a busy machine
os.environ.setdefault("OMP_NUM_THREADS", "1")
