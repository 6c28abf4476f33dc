#!/usr/bin/python3
"""Records what a real Neutron's rules say: neutron.py > neutron.json, where neutron and neutron_lib can be imported.

Every rule is asked for every caller and every object below. A rule's verdicts are one text: 1 for yes, 0 for no, and E for
an exception, object by object, caller by caller.
"""
import importlib
import json
import pkgutil
import sys
from unittest import mock

from neutron_lib import context
from neutron_lib.api import attributes, definitions
from neutron_lib.plugins import directory
from oslo_config import cfg
from oslo_policy import policy as oslo_policy

from neutron.extensions import securitygroup

# The attributes of every extension, as a server has them before it reads the rules.
for module in pkgutil.iter_modules(definitions.__path__):
    api = importlib.import_module("neutron_lib.api.definitions." + module.name)
    for resource, table in (getattr(api, "RESOURCE_ATTRIBUTE_MAP", None) or {}).items():
        attributes.RESOURCES.setdefault(resource, {}).update(table)
for name, table in securitygroup.RESOURCE_ATTRIBUTE_MAP.items():
    attributes.RESOURCES.setdefault(name, {}).update(table)

from neutron import policy  # noqa: E402

CALLERS = {
    "admin": ("p3", ["admin", "manager", "member", "reader"]),
    "manager": ("p1", ["manager", "member", "reader"]),
    "member": ("p1", ["member", "reader"]),
    "reader": ("p1", ["reader"]),
    "other": ("p2", ["manager", "member", "reader"]),
    "service": ("p3", ["service"]),
    "advsvc": ("p3", ["advsvc", "reader"]),
    "stranger": ("p4", []),
}
# Objects: the project, the owner of everything else that the object refers to, and what more there is.
OBJECTS = {
    "own": ("p1", "p1", {}),
    "foreign": ("p2", "p2", {}),
    "on-own-network": ("p2", "p1", {}),
    "shared": ("p5", "p5", {"shared": True}),
    "on-shared-network": ("p5", "p5", {"network_id": "shared"}),
    "external": ("p5", "p5", {"router:external": True}),
    "special": ("p1", "p5", {"device_owner": "network:dhcp", "belongs_to_default_sg": True, "target_tenant": "*",
                             "target_project": "*"}),
    "bare": ("p1", None, {}),
}


class Plugin:
    """Knows every object; the id of one is its owner."""
    def __getattr__(self, name):
        return lambda context, id, fields=None: {"project_id": id, "tenant_id": id, "shared": id == "shared"}


def target(name):
    project, owner, more = OBJECTS[name]
    t = {"id": "x", "project_id": project, "tenant_id": project, "target_tenant": "p2", "target_project": "p2"}
    if owner:
        t.update(network_id=owner, security_group_id=owner, ext_parent_policy_id=owner)
    t.update(more)
    return t


def verdict(rule, caller, object):
    project, roles = CALLERS[caller]
    creds = context.Context(user_id="u", project_id=project, roles=roles)
    check = oslo_policy.RuleCheck("rule", rule)
    check.scope_types = policy._ENFORCER.registered_rules[rule].scope_types
    try:
        return str(int(policy._ENFORCER.enforce(check, target(object), creds)))
    except Exception:
        return "E"


cfg.CONF([], project="neutron", default_config_files=[])
policy.init()
with mock.patch.object(directory, "get_plugin", return_value=Plugin()):
    verdicts = {}
    for rule in policy._ENFORCER.registered_rules:
        verdicts[rule] = " ".join("".join(verdict(rule, c, o) for c in CALLERS) for o in OBJECTS)
json.dump({
    "callers": [{"name": n, "project": p, "roles": r} for n, (p, r) in CALLERS.items()],
    "objects": [{"name": n, "target": target(n)} for n in OBJECTS],
    "verdicts": verdicts,
}, sys.stdout, indent=0)
