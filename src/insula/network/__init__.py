"""The project's own networks on ONNX Runtime and what turns their scores into numbers with doubt.

Beside the core because several rooms read one network: what feels like what (perceive) and why (explain) come from the
same pass over the same words.
"""
