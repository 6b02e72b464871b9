"""A tracking server that misbehaves, on 127.0.0.1, in a thread of the test."""

import socket
import threading
import time
from types import TracebackType
from typing import Self

ANSWERS = {
    "500": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\n{}",
    "429": b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 2\r\n\r\n{}",
    "garbage": b"\x00\xff\x16\x03not http at all\r\n\r\n" * 20,
    "not json": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<html>hi!",
}
DRIP = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{" + b" " * 1000


class FaultyServer:
    """mode: one of ANSWERS; "hang" takes the request and says nothing; "drip" sends a byte a second; "refuse" has closed its port."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.requests = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._ending = threading.Event()
        if mode == "refuse":
            self._socket.close()
        else:
            self._socket.settimeout(0.1)
            threading.Thread(target=self._serve, daemon=True).start()

    @property
    def uri(self) -> str:
        return f"http://someone:S3CRET@127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ending.set()

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                client, _ = self._socket.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()
        self._socket.close()

    def _answer(self, client: socket.socket) -> None:
        with client:
            client.settimeout(1)
            try:
                client.recv(65536)
                self.requests += 1
                if self.mode in ANSWERS:
                    client.sendall(ANSWERS[self.mode])
                    return
                for byte in DRIP:
                    if self._ending.wait(1):
                        return
                    if self.mode == "drip":
                        client.sendall(bytes([byte]))
            except OSError:
                time.sleep(0)
