#!/usr/bin/env python3
"""Collects what is known of Neutron's options into options.tsv: facts alone, no help texts.

facts.py REFERENCE > options.tsv

REFERENCE holds config/options.json and config/newton.json (options as registered by Neutron 28.0.1 and 9.4.1) and
conf/<release>/*.conf and *.ini (files as oslo-config-generator made them). Earlier sources win over later ones.
"""

import json
import pathlib
import re
import sys

COLUMNS = ("group", "name", "type", "min", "max", "choices", "default", "flags", "deprecated", "source")
KINDS = {"string": "string", "boolean": "boolean", "integer": "integer", "floating point": "float", "list": "list",
         "dict": "dict", "multi valued": "multi", "unknown": "string", "host address": "hostaddress", "port": "port",
         "URI": "uri", "ip address": "ipaddress", "hostname": "hostname"}


def group(name):
    return name if name in (None, "DEFAULT") else name.lower()


def text(value):
    """The value as a configuration file would spell it."""
    if value is None:
        return "<None>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(text(v) for v in value)
    if isinstance(value, dict):
        return "<dynamic>" if "$expr" in value else ",".join(f"{k}:{v}" for k, v in value.items())
    return str(value)


def number(value):
    return "" if value is None else f"{value:g}"


def from_json(o):
    t = o["type"]
    kind = {"callable": "string", "MultiString": "multi", "CapNameOrInt": "string", "ZonePrefixIPv4": "integer",
            "ZonePrefixIPv6": "integer"}.get(t["kind"], t["kind"].lower())
    item = t.get("item_type", {}).get("kind", "String")
    if kind == "list" and item in ("Integer", "Dict"):
        kind += " of " + item.lower()
    flags = [f for f, on in (("secret", o["secret"]), ("obsolete", o["deprecated_for_removal"]), ("cli", o.get("cli"))) if on]
    names = [f"{group(d['group'] or o['group'])}/{d['name']}" for d in o["deprecated_names"]]
    default = "<dynamic>" if o["default_dynamic"] else text(o["default"])
    maximum = t.get("max")
    return dict(type=kind, min=number(t.get("min")), max="" if maximum is None else f"{maximum:.10g}",
                choices="|".join(text(c) for c in t.get("choices", ()) if c is not None), default=default,
                flags=" ".join(flags), deprecated=" ".join(names))


def from_newton(o):
    kind = {"DeprecatedOpt": "string", "StrOpt": "string", "BoolOpt": "boolean", "IntOpt": "integer", "ListOpt": "list",
            "IPOpt": "ipaddress", "FloatOpt": "float", "MultiStrOpt": "multi", "PortOpt": "port", "DictOpt": "dict"}
    if o["opt_class"] not in kind:
        return None
    choices = o.get("choices", ())
    flags = [f for f, key in (("secret", "secret"), ("obsolete", "deprecated_for_removal")) if o.get(key)]
    return dict(type=kind[o["opt_class"]], min=number(o.get("min")), max=number(o.get("max")),
                choices="|".join(choices) if isinstance(choices, list) else "", default=text(o.get("default")),
                flags=" ".join(flags), deprecated="")


def blocks(path):
    """Yields (group, comment lines, option lines) of a generated file."""
    section, comment = "DEFAULT", []
    for line in path.read_text().splitlines():
        if m := re.match(r"#?\[(\w+)\]$", line):
            section, comment = group(m[1]), []
        elif m := re.match(r"#?([\w-]+) = ?(.*)$", line):
            yield section, comment, m[1], m[2]
        elif line.startswith("#"):
            comment.append(line[1:].strip())
        else:
            comment = []


def from_sample(section, comment, default):
    whole = " ".join(comment)
    kinds = [k for k in re.findall(r"\(([A-Za-z ]+?)(?: value)?\)", whole) if k in KINDS]
    field = lambda name: (re.findall(name + r": (\S.*)", "\n".join(comment)) or [""])[0]
    names = re.findall(r"Deprecated group/name - \[(.*?)\]/(\S+)", "\n".join(comment))
    choices = []
    if "Possible values:" in comment:
        for line in comment[comment.index("Possible values:") + 1:]:
            if m := re.match(r"(\S+|<None>|'') - ", line):
                choices.append("" if m[1] == "''" else m[1])
    return dict(type=KINDS[kinds[0]] if kinds else "string", min=field("Minimum value"), max=field("Maximum value"),
                choices="|".join(choices), default=default, flags="obsolete" if "deprecated for removal" in whole else "",
                deprecated=" ".join(f"{group(g)}/{n}" for g, n in names))


def collect(reference):
    rows = {}

    def add(section, name, facts, source):
        key = (group(section), name.replace("-", "_"))
        if facts and key not in rows:
            rows[key] = dict(group=key[0], name=name, source=source, **facts)
        elif facts:  # a former name of one release may be forgotten in the next
            rows[key]["deprecated"] = " ".join(dict.fromkeys((rows[key]["deprecated"] + " " + facts["deprecated"]).split()))

    declared = json.loads((reference / "config/options.json").read_text())
    for o in declared["options"]:
        add(o["group"], o["name"], from_json(o), "28")
    for section in ("nova", "placement", "ironic", "designate", "keystone_authtoken"):
        for o in (o for plugin in declared["auth_plugin_options"].values() for o in plugin):
            add(section, o["name"], from_json(o | {"group": section}), "28 auth")
    newton = json.loads((reference / "config/newton.json").read_text())
    for o in newton["options"]:
        add(o["group"], o["name"], from_newton(o), "9")
    for path in sorted(reference.glob("conf/2*/*.*")) + sorted(reference.glob("conf/zed/*.*")):
        if path.name.startswith(("neutron.conf", "ml2")):
            for section, comment, name, default in blocks(path):
                add(section, name, from_sample(section, comment, default), "file of " + path.parent.name)
    return rows


def main():
    print("# Neutron's options as registered or documented by Neutron itself. Made in this folder by:")
    print("#   python3 facts.py ../../../../shared/reference > options.tsv")
    print("\t".join(COLUMNS))
    for _, row in sorted(collect(pathlib.Path(sys.argv[1])).items()):
        print("\t".join(row[c] for c in COLUMNS))


main()
