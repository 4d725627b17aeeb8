"""Any language model behind one method; which one is a name and a URL, never a class per vendor.

    model = connect("qwen2.5:3b@http://localhost:11434/v1")
    reply = await model.reply([Message("user", "Name one feeling.")], max_tokens=8)

Nothing leaves this machine unless the URL does.
"""

from .protocol import LLM, LLMError, Message, Reply, connect
from .scripted import Scripted

__all__ = ["LLM", "LLMError", "Message", "Reply", "Scripted", "connect"]
