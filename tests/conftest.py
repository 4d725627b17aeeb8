import os
import tempfile

from hypothesis import HealthCheck, settings

# methods a person has trained for themselves are none of the tests' business, nor the other way round
os.environ["INSULA_HOME"] = tempfile.mkdtemp(prefix="insula-tests-")
# two threads collapse on a busy machine
os.environ.setdefault("OMP_NUM_THREADS", "1")
# a busy machine is no failure; what is about speed measures the processor's time
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
