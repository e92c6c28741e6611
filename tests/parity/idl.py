# SPDX-License-Identifier: Apache-2.0
"""Values from the bus as the Varlink contract has them: a second reading of it, that shares no code with the agent."""

import base64
import re

BASIC = {"string": "s", "int": "x", "bool": "b"}


class Interface:
    """Types and methods of a .varlink file: field lists of (name, type), as written."""

    def __init__(self, path):
        text = re.sub(r"#.*", "", path.read_text())
        self.types = {name: fields(body) for name, body in re.findall(r"^type\s+(\w+)\s*\((.*?)\)$", text, re.M | re.S)}
        methods = re.findall(r"^method\s+(\w+)\s*\((.*?)\)\s*->\s*\((.*?)\)$", text, re.M | re.S)
        self.methods = {name: (fields(given), fields(taken)) for name, given, taken in methods}

    def is_bytes(self, name, kind):
        return name == "certificates" and kind.endswith("string")

    # From the bus: required fields in order, then a dictionary of the optional ones.

    def struct_from_bus(self, members, values):
        *required, optional = values
        result, rest = {}, iter(required)
        for name, kind in members:
            if kind.startswith("?"):
                given = optional.pop(name, None)
                result[name] = None if given is None else self.from_bus(kind[1:], given["data"])
            else:
                result[name] = self.from_bus(kind, next(rest))
        if optional or list(rest):
            raise AssertionError(f"more on the bus than in the contract: {optional} {values}")
        return result

    def from_bus(self, kind, value):
        if kind.startswith("[]"):
            return [self.from_bus(kind[2:], item) for item in value]
        return value if kind in BASIC else self.struct_from_bus(self.types[kind], value)

    def reply_from_bus(self, method, values):
        return self.struct_from_bus(self.methods[method][1], values)

    # To the bus, as busctl's signature and arguments.

    def signature(self, name, kind):
        array = "a" if kind.startswith("[]") else ""
        if self.is_bytes(name, kind):
            return array + "ay"
        kind = kind.removeprefix("[]")
        return array + (BASIC.get(kind) or "(" + self.members_signature(self.types[kind]) + ")")

    def members_signature(self, members):
        return "".join(self.signature(name, kind) for name, kind in members if not kind.startswith("?")) + "a{sv}"

    def arguments(self, name, kind, value):
        if kind.startswith("[]"):
            return [len(value)] + [word for item in value for word in self.arguments(name, kind[2:], item)]
        if self.is_bytes(name, kind):
            der = base64.b64decode(value)
            return [len(der), *der]
        if kind == "bool":
            return ["true" if value else "false"]
        return [value] if kind in BASIC else self.members_arguments(self.types[kind], value)

    def members_arguments(self, members, values):
        required, optional = [], []
        for name, kind in members:
            if not kind.startswith("?"):
                required += self.arguments(name, kind, values[name])
            elif values.get(name) is not None:
                optional.append([name, self.signature(name, kind[1:]), *self.arguments(name, kind[1:], values[name])])
        return required + [len(optional)] + [word for entry in optional for word in entry]

    def call_to_bus(self, method, parameters):
        members = self.methods[method][0]
        return self.members_signature(members), self.members_arguments(members, parameters)

    def call(self, bus, method, parameters):
        """Over the bus; the reply is as at the socket."""
        signature, arguments = self.call_to_bus(method, parameters)
        values = bus.call("/org/uatrust/Agent1", "org.uatrust.Agent1.Manager", method, signature, *arguments)
        return self.reply_from_bus(method, values)


def fields(body):
    pairs = [field.split(":") for field in body.split(",") if field.strip()]
    return [(name.strip(), kind.strip()) for name, kind in pairs]
