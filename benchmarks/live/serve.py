"""Serve one contender with uvicorn, on sockets whose buffers are small enough to get full.

python serve.py MODULE PORT
"""

import socket
import sys

import uvicorn

module, port = sys.argv[1], int(sys.argv[2])
listening = socket.socket()
listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
# of its own accord the kernel takes megabytes for a client that reads nothing
listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
listening.bind(("127.0.0.1", port))
listening.listen(4096)
config = uvicorn.Config(f"{module}:app", log_level="error", timeout_graceful_shutdown=1)
uvicorn.Server(config).run(sockets=[listening])
