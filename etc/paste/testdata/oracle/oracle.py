"""Loads api-paste.ini files with the real PasteDeploy and tells what came of it.

Reads JSON lines. The first is the list of [factory path, protocol] pairs that
exist; each further one is a case: {"files": {name: text}, "app": name,
"strategy": auth_strategy, "global": {key: value}}. Answers a JSON line for
each case: {"tree": ...}, or {"error": exception's name, "text": its text}.

A tree is ["app", path, global, local], ["filter", path, global, local, tree],
["urlmap", [[domain, path, tree], ...], tree of not_found_app or null], or
["broken", what] for an object that is no application. Only the factories are
ours: they record what they are called with. Loader, configuration parser and
urlmap are the real ones.
"""

import functools
import importlib.metadata
import json
import os
import sys
import tempfile
import types

import paste.deploy
import paste.deploy.config
import paste.urlmap

PLACE = "/etc/neutron"  # stands for the folder that the files are really in


class Node(list):
    """A piece of a tree that passes for a WSGI application."""

    def __call__(self, environ, start_response):
        raise NotImplementedError


def recorder(path, protocol):
    """Returns a factory that notes its arguments."""
    if protocol == "paste.app_factory":
        return lambda global_conf, **local: Node(["app", path, dict(global_conf), local])
    if protocol == "paste.filter_app_factory":
        return lambda app, global_conf, **local: Node(["filter", path, dict(global_conf), local, app])

    def factory(global_conf, **local):
        seen = dict(global_conf)
        return lambda app: Node(["filter", path, seen, local, app])

    return factory


def pipeline_factory(strategy):
    """Composes what the key named by strategy lists, as Neutron's does."""

    def factory(loader, global_conf, **local):
        *filters, last = local[strategy()].split()
        made = [loader.get_filter(name) for name in filters]
        app = loader.get_app(last)
        for wrap in reversed(made):
            app = wrap(app)
        return app

    return factory


def module(name):
    """Returns the module of that name, made up where there is none yet."""
    if name not in made_up:
        made_up[name] = sys.modules[name] = types.ModuleType(name)
        made_up[name].__path__ = []
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(module(parent), last, made_up[name])
    return made_up[name]


def define(path, value):
    """Makes module:attribute(.attribute) name a value."""
    name, _, attributes = path.partition(":")
    at = module(name)
    *outer, last = attributes.split(".")
    for attribute in outer:
        if not hasattr(at, attribute):
            setattr(at, attribute, types.SimpleNamespace())
        at = getattr(at, attribute)
    setattr(at, last, value)


def define_eggs(site, eggs):
    """Writes the distributions whose entry points are named."""
    for dist, points in eggs.items():
        folder = os.path.join(site, dist.replace("-", "_") + "-1.dist-info")
        os.makedirs(folder)
        with open(os.path.join(folder, "METADATA"), "w") as f:
            f.write("Metadata-Version: 2.1\nName: %s\nVersion: 1\n" % dist)
        with open(os.path.join(folder, "entry_points.txt"), "w") as f:
            for group, lines in points.items():
                f.write("[%s]\n%s\n" % (group, "\n".join(lines)))


def define_all(table, site, strategy):
    eggs = {}
    for number, (path, protocol) in enumerate(table):
        if path.startswith("egg:"):
            dist, _, entry = path[4:].partition("#")
            if dist in ("Paste", "PasteDeploy"):
                continue  # the real ones
            define("recorded%d:factory" % number, recorder(path, protocol))
            line = "%s = recorded%d:factory" % (entry, number)
            eggs.setdefault(dist, {}).setdefault(protocol, []).append(line)
        elif path == "neutron.auth:pipeline_factory":
            define(path, pipeline_factory(strategy))
        elif not path.startswith("paste."):
            define(path, recorder(path, protocol))
    define_eggs(site, eggs)
    path = "paste.deploy.config:make_prefix_middleware"
    paste.deploy.config.make_prefix_middleware = recorder(path, "paste.filter_app_factory")


def tree(node):
    """Turns what was loaded into plain lists."""
    if isinstance(node, paste.urlmap.URLMap):
        missing = node.not_found_application
        standard = getattr(missing, "__func__", None) is paste.urlmap.URLMap.not_found_app
        mounts = [[domain or "", url, tree(app)] for (domain, url), app in node.applications]
        return ["urlmap", mounts, None if standard else tree(missing)]
    if isinstance(node, Node):
        if node[0] == "filter":
            return list(node[:4]) + [tree(node[4])]
        return list(node)
    return ["broken", type(node).__name__]


def answer(case, folder):
    for name, text in case["files"].items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text.encode())
    uri = "config:" + os.path.join(folder, "api-paste.ini")
    try:
        return {"tree": tree(paste.deploy.loadapp(uri, name=case["app"], global_conf=case.get("global") or None))}
    except (Exception, RecursionError) as e:
        return {"error": type(e).__name__, "text": str(e).split("\n")[0]}


def main():
    current = {}
    lines = sys.stdin
    # Looking an egg up reads folders: once is enough.
    importlib.metadata.distribution = functools.cache(importlib.metadata.distribution)
    with tempfile.TemporaryDirectory() as root:
        site = os.path.join(root, "site")
        sys.path.insert(0, site)
        define_all(json.loads(next(lines)), site, lambda: current["strategy"])
        for number, line in enumerate(lines):
            current = json.loads(line)
            folder = os.path.join(root, str(number))
            os.makedirs(folder)
            print(json.dumps(answer(current, folder)).replace(folder, PLACE), flush=True)


made_up = {}
if __name__ == "__main__":
    main()
