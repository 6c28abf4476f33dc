"""Reads options as JSON from standard input, and writes the sample file that oslo.config's own generator makes of them."""

import json
import sys

from oslo_config import cfg, generator, types


def plain(text):
    """A number is written as it was declared: 30 and 30.0 are two texts."""
    return float(text) if "." in text else int(text)


def number(kind, o):
    least, most = (None if o[k] == "" else plain(o[k]) for k in ("min", "max"))
    if kind == "float":
        return types.Float(min=least, max=most)
    if o["choices"]:
        return types.Integer(choices=[int(c) for c in o["choices"]])
    return types.Integer(min=least, max=most)


def typed(o):
    kind = o["kind"]
    if kind in ("integer", "float"):
        return number(kind, o)
    if kind == "string":
        return types.String(choices=o["choices"] or None, ignore_case=True)
    return {"boolean": types.Boolean, "port": types.Port, "list": types.List, "dict": types.Dict, "uri": types.URI,
            "hostaddress": types.HostAddress, "ipaddress": types.IPAddress, "multi": types.MultiString,
            "filemode": types.String}[kind.split(" of ")[0]]()


def option(o):
    t = typed(o)
    default = o["default"]
    if default is not None and o["kind"] in ("integer", "float", "port"):
        default = plain(default)
    elif default is not None and o["kind"] == "boolean":
        default = t(default)
    elif default is not None and o["kind"].startswith("list"):
        default = [part for part in default.split(",") if part]
    elif default is not None and o["kind"] == "dict":
        default = t(default)
    elif o["kind"] == "multi":
        default = [default] if default else None
    old = [cfg.DeprecatedOpt(d["key"], group=d["group"]) for d in o["deprecated"] or []]
    args = dict(default=default, help=o["help"], secret=o["secret"], deprecated_opts=old,
                deprecated_for_removal=o["obsolete"])
    if o["kind"] == "multi":
        return cfg.MultiStrOpt(o["name"], **args)
    if o["kind"] == "port":
        return cfg.PortOpt(o["name"], mutable=o["mutable"], **args)
    return cfg.Opt(o["name"], type=t, mutable=o["mutable"], **args)


def main():
    groups = json.load(sys.stdin)
    listed = [(g["group"], [option(o) for o in g["options"]]) for g in groups]
    generator._list_opts = lambda namespaces: [("hadron", listed)]
    conf = cfg.ConfigOpts()
    generator.register_cli_opts(conf)
    conf(["--namespace", "hadron"])
    generator.generate(conf)


main()
