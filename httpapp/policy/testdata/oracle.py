#!/usr/bin/python3
"""Answers the cases of standard input, one JSON object a line, with the real oslo.policy.

A case has files (texts, the last one that has a rule decides), defaults (name, check, scopes, was), new_defaults,
enforce_scope, creds, target and ask (names of rules). The answer has verdicts (true, false, or the class of an
exception) and trouble: what oslo.policy logged or raised about the files.
"""
import json
import logging
import os
import sys
import tempfile
import warnings

from oslo_config import cfg
from oslo_policy import policy

warnings.simplefilter("ignore")


class Trouble(logging.Handler):
    def __init__(self):
        super().__init__()
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


trouble = Trouble()
log = logging.getLogger("oslo_policy")
log.addHandler(trouble)
log.setLevel(logging.WARNING)
log.propagate = False


def default(d):
    old = None
    if d.get("was"):
        old = policy.DeprecatedRule(d["was"]["name"], d["was"]["check"], deprecated_reason="r", deprecated_since="s")
    return policy.RuleDefault(d["name"], d["check"], scope_types=d.get("scopes") or None, deprecated_rule=old)


conf = cfg.ConfigOpts()
conf([], default_config_files=[], default_config_dirs=[])


def answer(case, directory):
    trouble.said = []
    names = []
    for i, text in enumerate(case["files"]):
        path = os.path.join(directory, "policy.yaml" if i == 0 else "policy.d/%02d.yaml" % i)
        with open(path, "w") as f:
            f.write(text)
        names.append(path)
    enforcer = policy.Enforcer(conf, policy_file=os.path.join(directory, "policy.yaml"))
    conf.set_override("policy_dirs", [os.path.join(directory, "policy.d")], "oslo_policy")
    conf.set_override("enforce_scope", case["enforce_scope"], "oslo_policy")
    conf.set_override("enforce_new_defaults", case["new_defaults"], "oslo_policy")
    try:
        enforcer.register_defaults([default(d) for d in case["defaults"]])
        enforcer.load_rules(True)
    except Exception as e:
        return {"verdicts": [], "trouble": [type(e).__name__]}
    finally:
        for name in names:
            os.unlink(name)
    conf.set_override("policy_dirs", [], "oslo_policy")
    enforcer.use_conf = False
    verdicts = []
    for rule in case["ask"]:
        try:
            verdicts.append(bool(enforcer.enforce(rule, dict(case["target"]), dict(case["creds"]))))
        except RecursionError:
            verdicts.append("RecursionError")
        except Exception as e:
            verdicts.append(type(e).__name__)
    return {"verdicts": verdicts, "trouble": trouble.said}


with tempfile.TemporaryDirectory() as directory:
    os.mkdir(os.path.join(directory, "policy.d"))
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), directory)), flush=True)
