# SPDX-License-Identifier: Apache-2.0
"""A D-Bus client that sends what it is told, right or wrong: messages as bytes, after the handshake."""

import os
import socket
import struct


def string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<I", len(data)) + data + b"\0"


def pad(data, to):
    return data + b"\0" * (-len(data) % to)


def field(code, signature, value):
    """One header field: a struct of its code and a variant."""
    data = bytes([code, len(signature)]) + signature.encode() + b"\0"
    if signature == "g":
        return data + bytes([len(value)]) + value.encode() + b"\0"
    return pad(data, 4) + string(value)


def call(serial, destination, path, interface, member, signature="", body=b""):
    """A method call; destination, path, ... may be bytes that are no UTF-8."""
    fields = b""
    for code, kind, value in ((1, "o", path), (2, "s", interface), (3, "s", member), (6, "s", destination),
                              (8, "g", signature)):
        if value:
            fields = pad(fields, 8) + field(code, kind, value)
    head = struct.pack("<BBBBIII", ord("l"), 1, 0, 1, len(body), serial, len(fields)) + fields
    return pad(head, 8) + body


class Connection:
    """Authenticated as who we are, and greeted."""

    def __init__(self, path, wait_s=20):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(wait_s)
        self.socket.connect(str(path))
        self.socket.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        if not self.socket.recv(4096).startswith(b"OK"):
            raise ConnectionError("not authenticated")
        self.socket.sendall(b"BEGIN\r\n" + call(1, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                "org.freedesktop.DBus", "Hello"))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def send(self, message):
        """False if the bus has closed the connection meanwhile."""
        try:
            self.socket.sendall(message)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def receive_all(self, until):
        """Reads until these bytes have come or the bus has closed; returns what came."""
        data = b""
        while until not in data:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                break
            data += more
        return data
