"""Any language model behind one method; which one is a name, a file or a URL, never a class per vendor.

    model = connect("local")
    model = connect("qwen2.5:3b@http://localhost:11434/v1")
    reply = await model.reply([Message("user", "Name one feeling.")], max_tokens=8)

`insula.llm.structured.ask` asks for an answer in a form. Nothing leaves this machine unless a URL does.
"""

from .cached import Cached
from .protocol import LLM, LLMError, Message, Reply, connect
from .scripted import Scripted
from .traced import Traced

__all__ = ["LLM", "Cached", "LLMError", "Message", "Reply", "Scripted", "Traced", "connect"]
