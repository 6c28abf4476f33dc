"""Runs cases.json through the real oslo.log and prints what it wrote, one JSON object a line: recorded.jsonl.

    python3 record.py > recorded.jsonl

It needs python3-oslo.log. A case has options of oslo.log, maybe the text of a log_config_append, and records; each record has a
logger, a level, a message, the time it is made at, and maybe a request's context or an instance's uuid. {dir} in a text is a
folder that is made for the case; what lies in it afterwards is the result.
"""
import json
import logging
import os
import sys
import tempfile
import time

os.environ['TZ'] = 'UTC'
time.tzset()

from oslo_config import cfg
from oslo_context import context
from oslo_log import log
from oslo_log import rate_limit

NOW = [0.0]
time.time = lambda: NOW[0]
rate_limit.monotonic_clock = lambda: NOW[0]
os.getpid = lambda: 4242


def setup(case, folder):
    conf = cfg.ConfigOpts()
    log.register_options(conf)
    conf([], project='neutron', prog='neutron-server', default_config_files=[], default_config_dirs=[])
    for name, value in case.get('options', {}).items():
        if isinstance(value, str):
            value = value.replace('{dir}', folder)
        conf.set_override(name.replace('-', '_'), value)
    if 'log_config' in case:
        path = os.path.join(folder, 'logging.conf')
        with open(path, 'w') as f:
            f.write(case['log_config'].replace('{dir}', folder))
        conf.set_override('log_config_append', path)
    if conf.rate_limit_burst:
        # what setup would do, if it did not ask for an option by a wrong name
        burst, interval = conf.rate_limit_burst, conf.rate_limit_interval
        conf.set_override('rate_limit_burst', 0)
        log.setup(conf, 'neutron')
        rate_limit.install_filter(burst, interval, conf.rate_limit_except_level)
    else:
        log.setup(conf, 'neutron')
    if 'log_config' in case:
        os.remove(path)


def emit(r):
    NOW[0] = r['at']
    logger = log.getLogger(r['logger']).logger
    level = logging.getLevelName(r['level'])
    if not logger.isEnabledFor(level):
        return
    extra = {}
    if r.get('context') is not None:
        extra['context'] = context.RequestContext(**r['context'])
        del context._request_store.context  # else all later records would have it
        extra['extra_keys'] = ['context']
    for key in ('instance_uuid',):
        if key in r:
            extra[key] = r[key]
    logger.handle(logger.makeRecord(logger.name, level, '/path/file.py', 7, r['message'], (), None, 'func', extra))


def run(case):
    records = case['records']
    with tempfile.TemporaryDirectory() as folder:
        for name, at in case.get('existing', {}).items():
            path = os.path.join(folder, name)
            with open(path, 'w'):
                pass
            os.utime(path, (at, at))
        NOW[0] = records[0]['at']
        setup(case, folder)
        for r in records:
            emit(r)
        logging.shutdown()
        files = {}
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name)) as f:
                files[name] = f.read()
    return {'name': case['name'], 'files': files}


def main():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cases.json')) as f:
        cases = json.load(f)
    for case in cases:
        sys.stdout.flush()
        pid = os.fork()  # oslo.log can be set up once in a process
        if pid == 0:
            logging.addLevelName(5, 'TRACE')
            print(json.dumps(run(case), sort_keys=True), flush=True)
            os._exit(0)
        if os.waitpid(pid, 0)[1]:
            sys.exit('%s failed' % case['name'])


if __name__ == '__main__':
    main()
