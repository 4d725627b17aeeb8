"""Several channels together: what words and voice express, weighed by how far each can be relied on."""
